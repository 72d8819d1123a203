"""One case verified: its files read once, and all that they show judged."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from liverseg.cases.finding import check_links
from liverseg.cases.findings import Finding, Level, describe_error, describe_notes
from liverseg.cases.header_checks import check_header
from liverseg.cases.hu_figures import HuFigures
from liverseg.cases.mask_checks import check_mask
from liverseg.cases.mask_figures import MaskFigures, crop_mask, measure_mask
from liverseg.cases.pairing import CaseFiles
from liverseg.cases.scan_check import check_scan, check_sides
from liverseg.errors import DataError
from liverseg.tables.case_table import Case
from liverseg.volumes.content import hash_voxels
from liverseg.volumes.nifti import read_dtype
from liverseg.volumes.nifti_file import find_pair
from liverseg.volumes.placement import read_placement
from liverseg.volumes.reading import read_case_grid, read_case_labels, read_case_scan


@dataclass(frozen=True)
class CaseCheck:
    """What was found in a case.

    Attributes:
        case_id: The case.
        findings: Errors first; empty where all is well.
        case: Its row in the case table; None where it cannot be used.
        content: What ``hash_voxels`` makes of its scan; empty where that cannot be read.
    """

    case_id: str
    findings: tuple[Finding, ...]
    case: Case | None = None
    content: str = ""

    @property
    def verdict(self) -> str:
        """``ok``, ``warning`` or ``error``."""
        return self.findings[0].level if self.findings else "ok"


def check_case(root: Path, files: CaseFiles) -> CaseCheck:
    """What is found in one case; the mask is released before the scan is read.

    A file that cannot be read is a finding: an error would end the work on the other cases. The
    other file is still read, so that all is named at once.
    """
    named = PurePosixPath(files.scan), PurePosixPath(files.mask)
    links = (check_links(root, file) for name in named for file in find_pair(name))
    findings = [link for link in links if link is not None]
    figures = mask = hu = None
    content = ""
    with _errors_found(findings, root):
        findings += check_header(
            read_placement(root / files.scan),
            read_case_grid(root, files),
            spacing_step="Give the true one under data.spacing_overrides: "
            f"{{{files.case_id!r}: [i, j, k]}}, in mm.",
            is_given=files.spacing_override_mm is not None,
        )
    with _errors_found(findings, root):
        labels = read_case_labels(root, files)
        figures, mask = measure_mask(labels), crop_mask(labels)
        findings += describe_notes("mask", labels)
        del labels
        findings += check_mask(figures)
    with _errors_found(findings, root):
        scan = read_case_scan(root, files)
        findings += describe_notes("scan", scan)
        content, checked = hash_voxels(scan), check_scan(scan, mask)
        hu = checked.hu
        findings += checked.findings
        findings += check_sides(checked.body, hu.masked)
    found = CaseCheck(files.case_id, (), content=content)
    if figures is not None and hu is not None:
        found = replace(found, case=_build_case(root, files, figures, hu))
    return add_findings(found, map(_offer_exclusion, findings))


def add_findings(check: CaseCheck, findings: Iterable[Finding]) -> CaseCheck:
    """The check with more findings, each once, errors first; a case with an error is no case."""
    levels: tuple[Level, ...] = ("error", "warning")
    merged = dict.fromkeys([*check.findings, *findings])
    ordered = tuple(sorted(merged, key=lambda finding: levels.index(finding.level)))
    case = check.case
    if case is not None:
        is_bad = bool(ordered) and ordered[0].level == "error"
        reasons = tuple(finding.reason for finding in ordered)
        case = None if is_bad else replace(case, reasons=reasons)
    return replace(check, findings=ordered, case=case)


def _build_case(root: Path, files: CaseFiles, mask: MaskFigures, scan: HuFigures) -> Case:
    """The row of a case: millimetres to 6 decimals."""
    grid = read_case_grid(root, files)
    i, j, k = grid.spacing_mm
    return Case(
        case_id=files.case_id,
        patient_id=files.patient_id,
        scan=files.scan,
        mask=files.mask,
        shape=grid.shape,
        spacing_mm=files.spacing_override_mm or (round(i, 6), round(j, 6), round(k, 6)),
        axis_codes=grid.axis_codes,
        dtype=read_dtype(root / files.scan),
        hu_min=scan.smallest,
        hu_max=scan.largest,
        liver_ml=mask.liver_ml,
        lesion_ml=mask.lesion_ml,
        num_lesions=mask.num_lesions,
        liver_slice_fraction=mask.liver_slice_fraction,
        lesion_slice_fraction=mask.lesion_slice_fraction,
        spacing_overridden=files.spacing_override_mm is not None,
        label_map=files.label_map,
    )


def _offer_exclusion(finding: Finding) -> Finding:
    """To what can be done about an error, that the case can be left out."""
    if finding.level == "warning":
        return finding
    step = finding.next_step.removesuffix(".")
    return replace(finding, next_step=f"{step}, or leave the case out (data.exclude).")


@contextmanager
def _errors_found(findings: list[Finding], root: Path) -> Iterator[None]:
    try:
        yield
    except DataError as error:
        findings.append(describe_error(error, root))
