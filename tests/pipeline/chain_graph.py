"""The stages of dvc.yaml as DVC reads them: what each depends on, and what follows from it."""

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo
from dvc.stage import Stage

REPOSITORY = Path(__file__).resolve().parents[2]


def collect_stages() -> dict[str, Stage]:
    with Repo(str(REPOSITORY)) as repo:
        return {
            stage.addressing: stage for stage in repo.index.stages if stage.is_data_source is False
        }


STAGES = collect_stages()
CHAIN = {name: stage for name, stage in STAGES.items() if not name.startswith("ready/")}
"""What `dvc repro` runs; the rounds of the ready model have a command of their own."""


def list_paths(stage: Stage) -> tuple[set[PurePosixPath], set[PurePosixPath]]:
    """Deps and outs of a stage, without its params."""
    root = Path(stage.repo.root_dir)
    deps = {
        PurePosixPath(Path(dep.fs_path).relative_to(root).as_posix())
        for dep in stage.deps
        if not isinstance(dep, ParamsDependency)
    }
    outs = {PurePosixPath(Path(out.fs_path).relative_to(root).as_posix()) for out in stage.outs}
    return deps, outs


def list_params(stage: Stage) -> set[str]:
    """Dotted keys of a stage's params."""
    return {key for dep in stage.deps if isinstance(dep, ParamsDependency) for key in dep.params}


def is_code(path: PurePosixPath) -> bool:
    """Whether a path is of the program; the model that comes with it is data."""
    return path.parts[0] in {"liverseg", "stages"} and path != PurePosixPath("liverseg/ready")


def is_covered(path: PurePosixPath, by: set[PurePosixPath]) -> bool:
    return path in by or any(parent in by for parent in path.parents)


def find_changed(changed: str) -> set[str]:
    """Stages that DVC runs at once after a change of a file, or of the value of a dotted key."""
    keys = {".".join(changed.split(".")[:depth]) for depth in range(1, changed.count(".") + 2)}
    return {
        name
        for name, stage in CHAIN.items()
        if is_covered(PurePosixPath(changed), list_paths(stage)[0]) or keys & list_params(stage)
    }


def find_affected(changed: str, settled: Collection[str] = ()) -> set[str]:
    """Those, and all that may run after them, where they write something else than before.

    Stages that are ``settled`` are known to write what they wrote, and are left out.
    """
    affected = find_changed(changed) - set(settled)
    while True:
        outs = set().union(*(list_paths(STAGES[name])[1] for name in affected), set())
        after = {
            name
            for name, stage in CHAIN.items()
            if name not in settled and any(is_covered(dep, outs) for dep in list_paths(stage)[0])
        }
        if after <= affected:
            return affected
        affected |= after
