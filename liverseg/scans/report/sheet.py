"""A4 sheets of a report as PDF: letters, margins and the warning on every page."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from unicodedata import bidirectional

import matplotlib
from PIL import Image

from liverseg.errors import build_missing_extra
from liverseg.names import encode_name, escape_unprintable
from liverseg.pages.html_pages import NOT_CLINICAL

try:
    from fpdf import FPDF, Align, FontFace
    from fpdf.fonts import TTFFont
    from fpdf.output import OutputProducer, PDFInfo
except ModuleNotFoundError as error:
    raise build_missing_extra("a report as PDF", "pdf", error.name) from None

FONT = "DejaVu Sans"
"""Comes with Matplotlib; its licence allows that documents hold it."""
FONT_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}

TITLE, LARGE, PLAIN, TABLE, SMALL = 15, 13, 9, 7.7, 7.2
"""Sizes of letters in points."""
LINE = 1.3
"""Height of a line, in heights of its letters."""
BLACK, GREY, RULER = 26, 68, 187
"""Of 255: text, what is less important, and lines between rows."""

MARGIN_MM = 10
WARNING_MM = 6.5
GAP_MM = 3

NO_DATE = datetime.fromtimestamp(0, UTC)
"""The date goes into the identity of a document; as a date it is left out."""

RIGHT_TO_LEFT = ("R", "AL")
"""Classes of letters (Unicode Standard Annex 9) that fpdf2 alone would set the wrong way round."""


class Sheet(FPDF):
    """Pages of a report that are filled from the top; lengths are millimetres.

    Args:
        title: Of the document.
    """

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        folder = Path(matplotlib.get_data_path()) / "fonts/ttf"
        for style, name in FONT_FILES.items():
            self.add_font(FONT, style, folder / name)
        self.set_font(FONT)
        fonts = [font.cmap for font in self.fonts.values() if isinstance(font, TTFFont)]
        self._letters = frozenset.intersection(*map(frozenset, fonts))
        self.set_title(self.spell(title))
        self.set_lang("en")
        self.set_creation_date(NO_DATE)
        self.alias_nb_pages("")  # else {nb} in a text becomes the number of pages
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + WARNING_MM + GAP_MM)
        self.c_margin = 0
        self.add_page()

    @property
    def room(self) -> float:
        """What is left of this page."""
        return float(self.page_break_trigger - self.y)

    def header(self) -> None:
        """The warning on top of every page."""
        self._warn(MARGIN_MM)
        self.set_xy(MARGIN_MM, MARGIN_MM + WARNING_MM + GAP_MM)

    def footer(self) -> None:
        """The warning at the end of every page."""
        self._warn(self.h - MARGIN_MM - WARNING_MM)

    def spell(self, text: str) -> str:
        r"""A text in letters of the font; any other is written as its escape, like ``\u809d``."""
        return "".join(
            each
            if ord(each) in self._letters and bidirectional(each) not in RIGHT_TO_LEFT
            else ascii(each)[1:-1]
            for each in encode_name(escape_unprintable(text))
        )

    def write_text(
        self, text: str, size: float, *, style: str = "", grey: int = BLACK, width: float = 0
    ) -> None:
        """Write a paragraph at the current place; the next one begins below it.

        Args:
            text: Of any letters.
            size: Of its letters in points.
            style: ``B`` for bold.
            grey: Of 255.
            width: By default up to the right margin.
        """
        self.set_font(FONT, style, size)
        self.set_text_color(grey)
        height = LINE * self.font_size
        self.multi_cell(width, height, self.spell(text), align="L", new_x="LEFT", new_y="NEXT")

    def write_pairs(
        self, pairs: Iterable[tuple[str, str]], size: float, *, grey: int = BLACK
    ) -> None:
        """Write names, bold, and what they stand for beside them."""
        pairs = list(pairs)
        self.set_font(FONT, "B", size)
        indent = max(self.get_string_width(self.spell(name)) for name, _ in pairs) + GAP_MM
        for name, value in pairs:
            self._keep_together(value, size, self.epw - indent)
            top = self.y
            self.write_text(name, size, style="B", grey=grey)
            self.set_xy(self.l_margin + indent, top)
            self.write_text(value, size, grey=grey)
            self.set_x(self.l_margin)

    def write_table(
        self, heads: Iterable[str], rows: Iterable[Iterable[str]], widths: Iterable[float]
    ) -> None:
        """Write a table of which all is aligned to the right; the first cell of a row is bold."""
        self.set_font(FONT, "", TABLE)
        self.set_text_color(BLACK)
        self.set_draw_color(RULER)
        with self.table(
            align=Align.L,
            borders_layout="HORIZONTAL_LINES",
            col_widths=tuple(widths),
            headings_style=FontFace(emphasis="B", size_pt=SMALL),
            line_height=LINE * self.font_size,
            padding=(0.6, 0.5),
            text_align=Align.R,
            v_align="B",
        ) as table:
            table.row(list(heads))
            for cells in rows:
                row = table.row()
                for number, cell in enumerate(cells):
                    row.cell(self.spell(cell), style=None if number else FontFace(emphasis="B"))

    def draw_picture(self, picture: Image.Image, height: float, text: str) -> None:
        """Draw a picture as large as the width between the margins and a height allow."""
        self.image(
            picture,
            self.l_margin,
            self.y,
            self.epw,
            height,
            keep_aspect_ratio=True,
            alt_text=self.spell(text),
        )

    def measure(self, draw: Callable[[], None]) -> float | None:
        """The height of what would be drawn next; None where that does not fit on this page."""
        top = self.y
        with self.offset_rendering() as trial:
            draw()
            height = self.y - top
        return None if trial.page_break_triggered else height

    def encode(self) -> bytes:
        """The document; equal ones are equal in bytes, since none says when it was made."""
        return bytes(self.output(output_producer_class=_Undated))

    def _warn(self, top: float) -> None:
        self.set_xy(self.l_margin, top)
        self.set_font(FONT, "B", PLAIN)
        self.set_text_color(BLACK)
        self.set_draw_color(BLACK)
        self.set_line_width(0.5)
        self.cell(self.epw, WARNING_MM, NOT_CLINICAL, border=1, align=Align.C)
        self.set_line_width(0.2)

    def _keep_together(self, text: str, size: float, width: float) -> None:
        """Begin a new page where a paragraph would be cut in two."""
        self.set_font(FONT, "", size)
        line = LINE * self.font_size
        needed = self.multi_cell(width, line, self.spell(text), dry_run=True, output="HEIGHT")
        if self.will_page_break(cast("float", needed)):
            self.add_page()


class _Undated(OutputProducer):
    """Without the date of its making."""

    def _add_info(self) -> PDFInfo:
        info = super()._add_info()
        del info.creation_date
        return info
