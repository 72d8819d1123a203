"""The selected model with all that its use takes."""

import json
import shutil
from pathlib import Path

from liverseg.params import RULES_FILE
from liverseg.reporting.results import ModelResult
from liverseg.reporting.selection import Selection


def copy_final_model(folder: Path, result: ModelResult, selection: Selection) -> None:
    """Fill an existing folder with the model, its label rules, and how it was chosen.

    Args:
        folder: Gets every file of the model's folder, ``rules.json`` and ``selection.json``.
        result: The selected model.
        selection: The choice.
    """
    # Contents only: DVC may have made its files read-only.
    shutil.copytree(result.folder, folder, copy_function=shutil.copyfile, dirs_exist_ok=True)
    shutil.copyfile(result.scores / RULES_FILE, folder / RULES_FILE)
    choice = {
        "model": selection.final.model,
        "compared_with": [rival.description.model for rival in selection.rivals],
        "tied_with": [
            candidate.description.model
            for candidate in selection.tied
            if candidate.description != selection.final
        ],
    }
    text = json.dumps(choice, indent=2)
    (folder / "selection.json").write_text(f"{text}\n", encoding="utf-8")
