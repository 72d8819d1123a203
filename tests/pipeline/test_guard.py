"""dvc.yaml says what the code does: deps hold its imports, params its sections, flags its paths.

DVC sees no import, so a forgotten file would leave stale results in the table without a word.
"""

import ast
import shlex
from importlib import util
from pathlib import Path, PurePosixPath

import grimp
import pytest
from dvc.stage import Stage

from liverseg.params import MODEL_NAMES, Params
from tests.pipeline.chain_graph import (
    REPOSITORY,
    STAGES,
    is_code,
    is_covered,
    list_params,
    list_paths,
)

# Hold no value and no logic that changes a result: how errors are told, files written and read,
# work divided and measured; the params hold types and limits only, every number stands in
# params.yaml. What a model is called by in tables decides nothing.
EXEMPT = {
    f"liverseg.{name}"
    for name in (
        *("checked_json", "cluster", "errors", "hashing", "json_files", "model_table", "names"),
        *("outputs", "parallel", "params", "progress", "ready_model", "regular_files"),
        *("signals", "timings", "work_file"),
    )
}
# measured times, TensorBoard's logs, and what an interrupted training goes on from
NO_OUTPUT_FLAGS = {"--logs", "--timings", "--unfinished"}
NAME_FLAGS = {"--epochs", "--model", "--name", "--number", "--patients", "--rounds"}


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
    modules = {stage_module(stage)}
    if "liverseg.networks.recipe" in graph.find_upstream_modules(stage_module(stage)):
        words = shlex.split(stage.cmd)  # which recipe is loaded says a name
        modules |= {f"liverseg.models.{name}" for name in MODEL_NAMES if name in words}
    reached = modules | {each for module in modules for each in graph.find_upstream_modules(module)}
    sources = {find_source(module) for module in reached if not is_exempt(module)}
    code = {source for source in sources if source.name != "__init__.py"}
    if PurePosixPath("liverseg/networks/threads.py") in code:  # it computes with TensorFlow
        code.add(PurePosixPath("liverseg/environment.py"))  # picks TensorFlow's kernels
    return code


def list_reads(tree: ast.Module) -> set[str]:
    """Dotted keys of all that a script reads of the params; ``*`` for a name that it is given.

    What gets another name first counts as read whole.
    """
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    reads = {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and id(node) not in inner
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            section = ast.unparse(node.args[0])
            reads = reads - {section} | {f"{section}.*"}
    begins = ("params.", "read_params(PARAMS_FILE).")
    return {
        read.removeprefix(begin) for read in reads for begin in begins if read.startswith(begin)
    }


def list_values(key: str) -> set[str]:
    """Dotted keys of the single values below a key; what is no key any more, a method, is cut."""
    section, found = Params, []
    for part in key.split("."):
        fields = getattr(section, "model_fields", {})
        if part not in fields:
            break
        found.append(part)
        section = fields[part].annotation
    if not found:  # no section at all
        return {key}
    below = getattr(section, "model_fields", {})
    name = ".".join(found)
    return set().union(*(list_values(f"{name}.{each}") for each in below)) if below else {name}


def test_the_chain_has_every_stage_of_the_design() -> None:
    expected = {"ingest", "locate", "preprocess", "split", "plan", "pretrain", "evaluate"}
    expected |= {f"{step}@{name}" for step in ("train", "predict", "score") for name in MODEL_NAMES}
    rounds = {f"ready/dvc.yaml:round_{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8)}
    others = {"phantom/dvc.yaml:phantom", "ready/dvc.yaml:seen"}
    assert set(STAGES) == expected | rounds | others


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
def test_the_params_of_a_stage_are_the_values_that_it_reads(name: str) -> None:
    stage = STAGES[name]
    tree = ast.parse((REPOSITORY / find_source(stage_module(stage))).read_text(encoding="utf-8"))
    model = name.partition("@")[2]
    read = {value for key in list_reads(tree) for value in list_values(key.replace("*", model))}
    assert read == {value for key in list_params(stage) for value in list_values(key)}


@pytest.mark.parametrize("name", [name for name in STAGES if "train@" in name])
def test_a_train_stage_lists_only_its_own_model_and_never_which_models_run(name: str) -> None:
    assert list_params(STAGES[name]) == {"train", "augment", f"models.{name.partition('@')[2]}"}


def test_the_evaluation_depends_on_every_model_and_its_scores() -> None:
    deps, _ = list_paths(STAGES["evaluate"])
    folders = {PurePosixPath(kind, name) for kind in ("models", "scores") for name in MODEL_NAMES}
    assert folders == {each for each in deps if each.parts[0] in {"models", "scores"}}


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
    unwired = [path for path in named if not any(is_covered(x, {path}) for x in deps | outs)]
    assert not unwired
    assert all(is_covered(path, named) for path in outs)
    assert all(is_covered(path, named) for path in deps if not is_code(path))
