"""The report of a scan as PDF: what the page says, on one sheet of A4."""

import io
import struct
import zlib

from PIL import Image

from liverseg.errors import DataError
from liverseg.scans.files import ScanFolder
from liverseg.scans.report import texts
from liverseg.scans.report.sheet import GAP_MM, GREY, LARGE, PLAIN, SMALL, TITLE, Sheet
from liverseg.scans.report.written import ScanResults
from liverseg.scans.summary import ScanSummary

SMALLEST_PICTURE_MM = 70
"""Height; where the text leaves less, it goes on on a second page."""
SLACK_MM = 0.1
"""More than what rounding adds to the height of many lines."""

SIGNS_OF_DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error),
    Image.DecompressionBombError,
)
"""What Pillow raises on a file that is no whole picture."""


def render_pdf(results: ScanResults, picture: bytes) -> bytes:
    """The report of one scan, in the order of its page; equal results give equal bytes.

    It is one page; very many findings or models go on on a second one.

    Args:
        results: Of the scan.
        picture: A PNG of its key slices.

    Raises:
        DataError: The picture is damaged.
    """
    opened = _open_picture(results, picture)
    sheet = Sheet(f"{results.name}: liver lesions")
    _draw_heading(sheet, results)
    _draw_volumes(sheet, results.summary)
    _draw_findings(sheet, results.summary)
    below = sheet.measure(lambda: _draw_below(sheet, results))
    room = sheet.room - SLACK_MM
    height = SMALLEST_PICTURE_MM if below is None else max(SMALLEST_PICTURE_MM, room - below)
    sheet.draw_picture(
        opened, height, f"Key slices of {results.name} with liver and lesions outlined"
    )
    sheet.set_y(sheet.y + height)
    _draw_below(sheet, results)
    return sheet.encode()


def _open_picture(results: ScanResults, picture: bytes) -> Image.Image:
    """The pixels of the picture, on white."""
    try:
        opened = Image.open(io.BytesIO(picture), formats=["PNG"]).convert("RGBA")
    except SIGNS_OF_DAMAGE as error:
        raise DataError(
            str(ScanFolder(results.folder).overlay),
            expected="a PNG file that can be read",
            received=str(error),
            next_step="Remove it: it is then drawn again from the scan.",
        ) from None
    white = Image.new("RGBA", opened.size, "white")
    return Image.alpha_composite(white, opened).convert("RGB")


def _draw_heading(sheet: Sheet, results: ScanResults) -> None:
    sheet.write_text(results.name, TITLE, style="B")
    sheet.write_text(texts.describe_scan(results.summary), PLAIN)
    sheet.ln(GAP_MM)


def _draw_volumes(sheet: Sheet, summary: ScanSummary) -> None:
    """The main figures side by side, each below its name."""
    volumes = texts.list_volumes(summary)
    top, width = sheet.y, sheet.epw / len(volumes)
    for number, (name, figure) in enumerate(volumes.items()):
        sheet.set_xy(sheet.l_margin + number * width, top)
        sheet.write_text(name, SMALL, grey=GREY, width=width)
        sheet.set_x(sheet.l_margin + number * width)
        sheet.write_text(figure, LARGE, style="B", width=width)
    sheet.set_x(sheet.l_margin)
    sheet.ln(GAP_MM)


def _draw_findings(sheet: Sheet, summary: ScanSummary) -> None:
    for finding in summary.findings:
        sheet.write_pairs([(finding.level, f"{finding.reason}. {finding.next_step}")], PLAIN)
    if summary.findings:
        sheet.ln(GAP_MM)


def _draw_below(sheet: Sheet, results: ScanResults) -> None:
    """All that stands below the picture."""
    sheet.ln(GAP_MM / 2)
    shown = results.lesions[: texts.MAX_ROWS]
    if shown:
        columns = texts.list_columns(results)
        sheet.write_text(texts.describe_lesions(results), SMALL, grey=GREY)
        sheet.write_table(
            [f"{column.title}\n{column.unit}".strip() for column in columns],
            [[column.write(lesion) for column in columns] for lesion in shown],
            [column.share for column in columns],
        )
        sheet.ln(GAP_MM / 2)
        sheet.write_text(texts.explain_columns(results), SMALL, grey=GREY)
    else:
        sheet.write_text(texts.describe_lesions(results), PLAIN)
    sheet.ln(GAP_MM)
    sheet.write_text("Provenance", PLAIN, style="B")
    sheet.write_pairs(texts.list_provenance(results.summary), SMALL, grey=GREY)
