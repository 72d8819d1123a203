"""From a folder of scans and masks to cases, or to all that is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.cases.case_check import CaseCheck
from liverseg.cases.findings import Finding
from liverseg.cases.verify import verify_cases
from liverseg.errors import DataError, LiversegError
from liverseg.params import DataParams
from liverseg.tables.case_table import REASON_SEPARATOR, Case, SkippedCase

MAX_SHOWN_CASES = 10

QUEUE_HINT = (
    " A relative data.root that git and DVC both ignore does not exist in the folder where a "
    "queued experiment runs: track it with `dvc add`, or give an absolute path."
)


@dataclass(frozen=True)
class Ingested:
    """What a data set gives.

    Attributes:
        cases: What can be used, in natural order of the ids.
        skipped: What is left out: excluded, or, where asked for, unusable.
        findings: What looks wrong with the set as a whole.
    """

    cases: tuple[Case, ...]
    skipped: tuple[SkippedCase, ...]
    findings: tuple[Finding, ...]


def ingest_cases(root: Path, params: DataParams) -> Ingested:
    """All cases below ``root``; those that cannot be used are skipped where the params say so.

    Raises:
        LiversegError: The folder is no data set, cases cannot be used, or none can: all of them are
            named.
    """
    _check_root(root)
    checked = verify_cases(root, params, description="ingest")
    cases = tuple(check.case for check in checked.cases if check.case is not None)
    bad = [check for check in checked.cases if check.case is None]
    if bad and (params.on_error == "stop" or not cases):
        raise _build_error(root, bad, len(checked.cases))
    skipped = tuple(SkippedCase(check.case_id, _list_errors(check)) for check in bad)
    return Ingested(cases, checked.excluded + skipped, checked.findings)


def _check_root(root: Path) -> None:
    if not root.is_dir():
        raise DataError(
            str(root),
            expected="the folder of the data set (data.root)",
            received="a file" if root.exists() else "no such folder",
            next_step="Set data.root to the folder that holds the scans and masks."
            + ("" if root.is_absolute() else QUEUE_HINT),
        )


def _build_error(root: Path, bad: Sequence[CaseCheck], num_cases: int) -> LiversegError:
    lines = [f"{root}: {len(bad)} of {num_cases} cases cannot be used:"]
    for check in bad[:MAX_SHOWN_CASES]:
        first = check.findings[0]
        lines.append(f"  case {check.case_id}: {first.reason}. {first.next_step}")
    if bad[MAX_SHOWN_CASES:]:
        lines.append(f"  ... and {len(bad) - MAX_SHOWN_CASES} more")
    lines.append(
        f"`liverseg check {root}` lists all that was found; data.on_error: skip goes on without "
        "these cases."
    )
    return LiversegError("\n".join(lines))


def _list_errors(check: CaseCheck) -> str:
    errors = [finding.reason for finding in check.findings if finding.level == "error"]
    return REASON_SEPARATOR.join(errors)
