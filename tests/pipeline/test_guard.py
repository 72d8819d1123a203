"""dvc.yaml says what the code does: deps hold its imports, params its sections, flags its paths.

DVC sees no import, so a forgotten file would leave stale results in the table without a word.
"""

import ast
import shlex
from importlib import util
from pathlib import Path, PurePosixPath

import grimp
import pytest
from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo
from dvc.stage import Stage

from liverseg.models.table import MODEL_FILES
from liverseg.params import Params

REPOSITORY = Path(__file__).resolve().parents[2]

# Hold no value and no logic that changes a result; every number stands in params.yaml.
EXEMPT = {
    f"liverseg.{name}" for name in ("errors", "labels", "outputs", "parallel", "params", "timings")
}
# measured times, TensorBoard's logs, and what an interrupted training goes on from
NO_OUTPUT_FLAGS = {"--logs", "--timings", "--unfinished"}
NAME_FLAGS = {"--model", "--name"}


def collect_stages() -> dict[str, Stage]:
    with Repo(str(REPOSITORY)) as repo:
        return {
            stage.addressing: stage for stage in repo.index.stages if stage.is_data_source is False
        }


STAGES = collect_stages()


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("liverseg", "stages")


def stage_module(stage: Stage) -> str:
    words = shlex.split(stage.cmd)
    return words[words.index("-m") + 1]


def find_source(module: str) -> PurePosixPath:
    spec = util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return PurePosixPath(Path(spec.origin).relative_to(REPOSITORY).as_posix())


def is_exempt(module: str) -> bool:
    return any(module == exempt or module.startswith(f"{exempt}.") for exempt in EXEMPT)


def list_code(stage: Stage, graph: grimp.ImportGraph) -> set[PurePosixPath]:
    """Files that a stage runs: its own, all that they import, and the model that it names."""
    words = shlex.split(stage.cmd)
    modules = {stage_module(stage)}
    if "--model" in words and words[words.index("--model") + 1] in MODEL_FILES:
        modules.add(MODEL_FILES[words[words.index("--model") + 1]])
    reached = modules | {each for module in modules for each in graph.find_upstream_modules(module)}
    sources = {find_source(module) for module in reached if not is_exempt(module)}
    code = {source for source in sources if source.name != "__init__.py"}
    if PurePosixPath("liverseg/models/threads.py") in code:  # it computes with TensorFlow
        code.add(PurePosixPath("liverseg/__init__.py"))  # picks TensorFlow's kernels
    return code


def list_paths(stage: Stage) -> tuple[set[PurePosixPath], set[PurePosixPath]]:
    root = Path(stage.repo.root_dir)
    deps = {
        PurePosixPath(Path(dep.fs_path).relative_to(root).as_posix())
        for dep in stage.deps
        if not isinstance(dep, ParamsDependency)
    }
    outs = {PurePosixPath(Path(out.fs_path).relative_to(root).as_posix()) for out in stage.outs}
    return deps, outs


def is_code(path: PurePosixPath) -> bool:
    return path.parts[0] in {"liverseg", "stages"}


def is_params(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "read_params"
    return isinstance(node, ast.Name) and node.id == "params"


def is_covered(path: PurePosixPath, by: set[PurePosixPath]) -> bool:
    return path in by or any(parent in by for parent in path.parents)


def test_the_chain_has_every_stage_of_the_design() -> None:
    models = ("simple_cnn", "unet", "resnet")
    expected = {"ingest", "preprocess", "split", "plan", "pretrain", "evaluate"}
    expected |= {f"{step}@{name}" for step in ("train", "predict", "score") for name in models}
    assert set(STAGES) == expected | {"phantom/dvc.yaml:phantom"}


@pytest.mark.parametrize("name", STAGES)
def test_the_deps_of_a_stage_hold_all_code_that_it_runs(
    name: str, graph: grimp.ImportGraph
) -> None:
    deps, _ = list_paths(STAGES[name])
    missing = [path for path in list_code(STAGES[name], graph) if not is_covered(path, deps)]
    assert not missing, f"add to the deps of {name}: {', '.join(map(str, sorted(missing)))}"


@pytest.mark.parametrize("name", STAGES)
def test_the_deps_of_a_stage_hold_no_code_that_it_does_not_run(
    name: str, graph: grimp.ImportGraph
) -> None:
    deps, _ = list_paths(STAGES[name])
    code = list_code(STAGES[name], graph)
    surplus = [dep for dep in deps if is_code(dep) and not any(is_covered(x, {dep}) for x in code)]
    assert not surplus, f"remove from the deps of {name}: {', '.join(map(str, sorted(surplus)))}"


@pytest.mark.parametrize("name", STAGES)
def test_the_params_of_a_stage_are_the_sections_that_it_reads(name: str) -> None:
    stage = STAGES[name]
    tree = ast.parse((REPOSITORY / find_source(stage_module(stage))).read_text(encoding="utf-8"))
    sections = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and is_params(node.value)
    } & set(Params.model_fields)
    listed = {
        key.split(".")[0]
        for dep in stage.deps
        if isinstance(dep, ParamsDependency)
        for key in dep.params
    }
    assert listed == sections


@pytest.mark.parametrize("name", [name for name in STAGES if "train@" in name])
def test_a_train_stage_lists_only_its_own_model_and_never_which_models_run(name: str) -> None:
    listed = {
        key for dep in STAGES[name].deps if isinstance(dep, ParamsDependency) for key in dep.params
    }
    assert listed == {"train", "augment", f"models.{name.removeprefix('train@')}"}


@pytest.mark.parametrize("name", STAGES)
def test_the_paths_on_a_stages_command_line_are_its_deps_and_outs(name: str) -> None:
    stage = STAGES[name]
    deps, outs = list_paths(stage)
    named: set[PurePosixPath] = set()
    flag = ""
    for word in shlex.split(stage.cmd)[3:]:
        if word.startswith("--"):
            flag = word
        elif flag not in NO_OUTPUT_FLAGS and not (flag in NAME_FLAGS and "/" not in word):
            named.add(PurePosixPath(word))
    unwired = [path for path in named if path not in deps | outs and not list_below(path, outs)]
    assert not unwired
    assert all(is_covered(path, named) for path in outs)
    assert all(is_covered(path, named) for path in deps if not is_code(path))


def list_below(folder: PurePosixPath, paths: set[PurePosixPath]) -> list[PurePosixPath]:
    return [path for path in paths if folder in path.parents]
