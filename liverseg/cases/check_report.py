"""What was found in a data set: a table for people, a JSON for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from liverseg.cases.findings import Finding
from liverseg.cases.names import escape_unprintable
from liverseg.cases.verify import SetCheck
from liverseg.outputs import whole_file

FILE_WIDTH = 120
"""Columns of a table that goes to no terminal."""

TITLES = ("case", "verdict", "reason", "what to do")


def print_report(checked: SetCheck) -> None:
    """Print a row for each finding, and one for each case without any, on standard output."""
    console = Console(markup=False, highlight=False, emoji=False)  # ids and names are plain text
    if not console.is_terminal:
        console.width = FILE_WIDTH
    table = Table(*TITLES, box=None, pad_edge=False, header_style="bold")
    for case in checked.cases:
        if not case.findings:
            table.add_row(case.case_id, "ok")
        _add_rows(table, case.case_id, case.findings)
    for skipped in checked.excluded:
        table.add_row(skipped.case_id, "skipped", skipped.reason)
    _add_rows(table, "(the set)", checked.findings)
    console.print(table)
    console.print(_summarise(checked))


def write_report(path: Path, root: Path, checked: SetCheck) -> None:
    """Write all findings as JSON."""
    content = {
        "root": escape_unprintable(str(root)),
        "num_ok": checked.count("ok"),
        "num_warnings": checked.count("warning"),
        "num_errors": checked.count("error"),
        "num_skipped": len(checked.excluded),
        "cases": [
            {
                "case_id": case.case_id,
                "verdict": case.verdict,
                "findings": [asdict(finding) for finding in case.findings],
            }
            for case in checked.cases
        ]
        + [
            {"case_id": each.case_id, "verdict": "skipped", "findings": []}
            for each in checked.excluded
        ],
        "findings": [asdict(finding) for finding in checked.findings],
    }
    with whole_file(path) as partial:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        partial.write_text(f"{text}\n", encoding="utf-8")


def _add_rows(table: Table, case_id: str, findings: Iterable[Finding]) -> None:
    for finding in findings:
        table.add_row(case_id, finding.level, finding.reason, finding.next_step)


def _summarise(checked: SetCheck) -> str:
    num_cases = len(checked.cases)
    text = (
        f"{num_cases} cases: {checked.count('ok')} ok, {checked.count('warning')} with warnings, "
        f"{checked.count('error')} that cannot be used"
    )
    return f"{text}; {len(checked.excluded)} more skipped" if checked.excluded else text
