"""Run ``tutorial.ipynb`` as Jupyter would, and keep what it shows: ``python docs/run_tutorial.py``.

The notebook works in a clone of the last commit; of the project nothing else changes.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).with_name("tutorial.ipynb")
TIMEOUT_SECONDS = 1200
"""Of a cell; trainings take a minute on two idle cores."""


def hash_sources(notebook: Any) -> str:
    """A hash of all code, which the notebook keeps beside the outputs of that code."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()


def join_streams(cell: Any) -> None:
    """Make one output of each channel, however the text came in parts, and strip line ends."""
    texts: dict[str, str] = {}
    for output in cell.outputs:
        if output.output_type == "stream":
            texts[output.name] = texts.get(output.name, "") + output.text
    streams = [
        nbformat.v4.new_output("stream", name=name, text=re.sub(r" +$", "", text, flags=re.M))
        for name, text in texts.items()
    ]
    cell.outputs = streams + [each for each in cell.outputs if each.output_type != "stream"]


def main() -> None:
    """Replace all outputs; an error in a cell ends the program and leaves the file as it was."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    here = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(notebook, timeout=TIMEOUT_SECONDS, record_timing=False, resources=here).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            join_streams(cell)
    notebook.metadata = {
        "kernelspec": notebook.metadata.kernelspec,
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        "executed_sources_sha256": hash_sources(notebook),
    }
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
