"""The notebook of the docs: what it shows is what its code gives, wherever it is run."""

import hashlib
import re
import sys
from pathlib import Path

import nbformat
import pytest

from tests.pipeline.clone import REPOSITORY, Clone, copy_working_tree

NAME = "docs/tutorial.ipynb"
LARGEST_BYTES = 600_000
SAME_EVERYWHERE = ("liverseg check", "liverseg params", "dvc repro", "dvc exp run")
"""Cells that print no figure which a processor rounds in its own way."""


def read_code(folder: Path) -> list[nbformat.NotebookNode]:
    cells = nbformat.read(folder / NAME, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def list_kinds(cell: nbformat.NotebookNode) -> list[list[str]]:
    """What a cell shows: a stream by its name, else the types that stand for each other."""
    return [sorted(each.get("data", {each.get("name"): ""})) for each in cell.outputs]


def list_texts(cell: nbformat.NotebookNode) -> list[str]:
    """Texts that a cell shows, and the source of its tables."""
    shown = [output.get("data", {"text": output.get("text", "")}) for output in cell.outputs]
    return [text for data in shown for kind, text in data.items() if kind.startswith("text")]


def test_the_outputs_that_are_shown_are_those_of_the_code_that_is_shown() -> None:
    notebook = nbformat.read(REPOSITORY / NAME, as_version=4)
    code = read_code(REPOSITORY)
    sources = "\0".join(cell.source for cell in code)
    kept = notebook.metadata["executed_sources_sha256"]
    assert kept == hashlib.sha256(sources.encode()).hexdigest(), "python docs/run_tutorial.py"
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_the_outputs_say_neither_where_nor_when_they_were_made() -> None:
    for cell in read_code(REPOSITORY):
        assert set(cell.metadata) <= {"mystnb"}
        for text in list_texts(cell):
            assert not re.search(r"(?<![\w.])/(?:tmp|home|root|work|Users)\b", text), text
            assert not re.search(r"\b\d\d:\d\d\b|\b20[2-9]\d-\d\d|\b[0-9a-f]{7,}\b", text), text


def test_the_notebook_is_small_enough_for_git() -> None:
    assert (REPOSITORY / NAME).stat().st_size <= LARGEST_BYTES


@pytest.mark.slow
def test_the_notebook_runs_from_a_clone_and_leaves_the_project_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")  # more start slower than these few cases take
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where the notebook works
    clone: Clone = copy_working_tree(tmp_path / "clone")
    clone.commit("as it is")
    clone.run(sys.executable, "docs/run_tutorial.py")
    changed = clone.run("git", "status", "--porcelain").split()
    assert changed in ([], ["M", NAME])
    again = read_code(clone.folder)
    for committed, cell in zip(read_code(REPOSITORY), again, strict=True):
        assert cell.source == committed.source
        assert list_kinds(cell) == list_kinds(committed), cell.source
        if any(command in cell.source for command in SAME_EVERYWHERE):
            assert list_texts(cell) == list_texts(committed), cell.source
