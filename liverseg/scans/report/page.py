"""Reports as HTML: one self-contained file each, without scripts, that asks for nothing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from liverseg.pages.html_pages import PageKind, embed
from liverseg.scans.report import texts
from liverseg.scans.report.written import ScanResults

REPORT = PageKind("liverseg.scans.report")


def render_report(results: ScanResults, picture: bytes) -> Iterator[str]:
    """The page of one scan; it prints on one sheet of A4.

    Args:
        results: Of the scan.
        picture: A PNG of its key slices.
    """
    return REPORT.render(
        "scan.html",
        results=results,
        summary=results.summary,
        picture=embed(picture, "image/png"),
        texts=texts,
    )


def render_index(links: Mapping[Path, ScanResults], failures: Sequence[str]) -> Iterator[str]:
    """The page that lists all scans.

    Args:
        links: Results by the path of their report, as seen from this page.
        failures: Why there is no report, a sentence a scan.
    """
    return REPORT.render(
        "index.html",
        scans=[(quote(os.fsencode(path)), results) for path, results in links.items()],
        failures=failures,
    )
