"""What the check of DVC's cache found, as text with the next step."""

from pathlib import Path

from liverseg.repository.cache_check import CacheReport
from liverseg.text import format_columns


def describe_report(report: CacheReport, root: Path) -> str:
    """One line where all is whole, else a row for each damaged object, and the next step."""
    if not report.damaged:
        return f"all {report.num_objects} objects are whole"
    rows = []
    for damaged in report.damaged:
        source = damaged.put_back_from
        done = "removed" if source is None else f"put back from {_shorten(source, root)}"
        paths = [_shorten(owner.path, root) for owner in damaged.owners]
        stages = list(dict.fromkeys(owner.stage for owner in damaged.owners))
        rows.append((damaged.name, _join(stages), _join(paths), done))
    table = format_columns(("object", "stage", "output", "done"), rows)
    counts = (
        f"{len(report.damaged)} of {report.num_objects} objects were damaged, "
        f"{len(report.removed)} of them removed"
    )
    return "\n".join([table, "", counts, *_advise(report)])


def _advise(report: CacheReport) -> list[str]:
    owners = [owner for damaged in report.removed for owner in damaged.owners]
    advice = []
    if any(owner.is_source for owner in owners):
        advice.append("Data that you added: `dvc pull`, or copy the original and `dvc add` it.")
    if any(not owner.is_source for owner in owners):
        advice.append("Next: `dvc repro` makes the rest again; `dvc pull` where a remote holds it.")
    if report.removed and not owners:
        advice.append("Next: nothing for this workspace; `dvc repro` makes again what it needs.")
    return advice


def _shorten(path: Path, root: Path) -> str:
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _join(names: list[str]) -> str:
    """The first two names and how many more; a dash for none."""
    more = f" and {len(names) - 2} more" if names[2:] else ""
    return ", ".join(names[:2]) + more or "–"
