"""Reports as HTML: one self-contained file each, without scripts, that asks for nothing."""

import base64
from collections.abc import Sequence
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from liverseg.prediction.files import LESIONS_FILE
from liverseg.prediction.report.written import ScanResults
from liverseg.reporting.html_pages import NOT_CLINICAL
from liverseg.reporting.markdown import format_count, format_number

MAX_ROWS = 10
"""Lesions in the table: more would not fit on one page of A4 beside the picture."""


def render_report(results: ScanResults, picture: bytes) -> str:
    """The page of one scan; it prints on one sheet of A4.

    Args:
        results: Of the scan.
        picture: A PNG of its key slices.
    """
    shown, others = results.lesions[:MAX_ROWS], results.lesions[MAX_ROWS:]
    return _render(
        "scan.html",
        results=results,
        summary=results.summary,
        provenance=results.summary.provenance,
        picture=base64.b64encode(picture).decode("ascii"),
        shown=shown,
        num_others=len(others),
        others_ml=sum(lesion.volume_ml for lesion in others),
    )


def render_index(links: dict[str, ScanResults], failures: Sequence[str]) -> str:
    """The page that lists all scans.

    Args:
        links: Results by the path of their report, as seen from this page.
        failures: Why there is no report, a sentence a scan.
    """
    return _render(
        "index.html",
        scans=[(quote(path), results) for path, results in links.items()],
        failures=failures,
    )


def _render(template: str, **content: object) -> str:
    environment = Environment(
        loader=PackageLoader("liverseg.prediction.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": format_number, "count": format_count}
    environment.globals |= {"not_clinical": NOT_CLINICAL, "lesions_file": LESIONS_FILE}
    return environment.get_template(template).render(content)
