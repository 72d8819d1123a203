"""The comparison and its verdict, as they stand in ``metrics/``, for the page."""

from collections.abc import Sequence

from markdown_it import MarkdownIt

from liverseg.reporting.comparison_text import TABLES
from liverseg.reporting.figures import Figures
from liverseg.reporting.markdown import TITLES
from liverseg.reporting.page.table import Cell, Column, Table

TERMS = {
    "Accuracy": "Training log",
    "Precision": "Precision",
    "Val Loss": "Training log",
    "Val Accuracy": "Training log",
    "Val Precision": "Training log",
    "Kept epoch": "Kept epoch",
    "Lesion Dice, per case": "Dice, per case",
    "Lesion Dice, cases with lesion": "Dice, cases with lesion",
    "Lesion Dice, global": "Dice, global",
    "Liver Dice, per case": "Dice, per case",
    "Lesion ASSD, mm": "ASSD",
    "Burden RMSE": "Burden",
    "Recall": "Recall",
    "F1": "F1",
    "False positives per case": "False positive",
    "GMACs a slice": "GMACs",
}
TEXT_COLUMNS = ("Initial weights", "Trained in")


def build_comparison_tables(figures: Sequence[Figures]) -> list[Table]:
    """The tables of ``metrics/comparison.md``, each with its title as caption."""
    tables = []
    for number, (title, cells) in enumerate(TABLES.items(), start=1):
        columns = (
            Column("Model", is_number=False),
            *(Column(name, _find_term(name), name not in TEXT_COLUMNS) for name in cells),
        )
        rows = tuple(
            (Cell(TITLES[each.name]), *(_build_cell(cell(each)) for cell in cells.values()))
            for each in figures
        )
        tables.append(Table(f"comparison-{number}", title, columns, rows))
    return tables


def render_markdown(text: str) -> str:
    """Markdown as HTML; HTML in it comes out as text."""
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return html


def _find_term(title: str) -> str:
    """Of the whole title, or of what stands before a size: ``Recall, < 10 mm``."""
    return TERMS.get(title) or TERMS.get(title.partition(",")[0], "")


def _build_cell(text: str) -> Cell:
    """``0.385 [0.250 to 0.542]`` as the figure and, beneath it, its interval."""
    figure, space, note = text.partition(" ")
    if not note.startswith(("[", "(")):
        figure, note = f"{figure}{space}{note}", ""
    try:
        return Cell(figure, note, float(figure.replace(",", "")))
    except ValueError:
        return Cell(figure, note)
