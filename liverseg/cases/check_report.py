"""What was found in a data set: a table for people, a JSON for programs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from liverseg.cases.findings import Finding
from liverseg.cases.verify import SetCheck
from liverseg.json_files import write_json

FILE_WIDTH = 120
"""Columns of a table that goes to no terminal."""

MAX_SHOWN = 5
"""Cases by name where a finding is that of many."""

TITLES = ("case", "verdict", "reason", "what to do")


def print_report(checked: SetCheck) -> None:
    """Print a row for each finding, and one for each case without any, on standard output.

    What is found alike in several cases is said once, where the first of them stands.
    """
    console = Console(markup=False, highlight=False, emoji=False)  # ids and names are plain text
    if not console.is_terminal:
        console.width = FILE_WIDTH
    table = Table(*TITLES, box=None, pad_edge=False, header_style="bold")
    cases_of: dict[Finding, list[str]] = defaultdict(list)
    for case in checked.cases:
        for finding in case.findings:
            cases_of[finding].append(case.case_id)
    for case in checked.cases:
        if not case.findings:
            table.add_row(case.case_id, "ok")
        for finding in case.findings:
            if cases_of[finding][0] == case.case_id:
                _add_row(table, _list_cases(cases_of[finding]), finding)
    for skipped in checked.excluded:
        table.add_row(skipped.case_id, "skipped", skipped.reason)
    for finding in checked.findings:
        _add_row(table, "(the set)", finding)
    console.print(table)
    console.print(_summarise(checked))


def write_report(path: Path, root: Path, checked: SetCheck) -> None:
    """Write all findings as JSON."""
    content = {
        "root": str(root),
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
    write_json(path, content)


def _add_row(table: Table, cases: str, finding: Finding) -> None:
    table.add_row(cases, finding.level, finding.reason, finding.next_step)


def _list_cases(case_ids: Sequence[str]) -> str:
    shown, more = case_ids[:MAX_SHOWN], len(case_ids[MAX_SHOWN:])
    return f"{', '.join(shown)} and {more} more" if more else ", ".join(shown)


def _summarise(checked: SetCheck) -> str:
    num_cases = len(checked.cases)
    text = (
        f"{num_cases} cases: {checked.count('ok')} ok, {checked.count('warning')} with warnings, "
        f"{checked.count('error')} that cannot be used"
    )
    return f"{text}; {len(checked.excluded)} more skipped" if checked.excluded else text
