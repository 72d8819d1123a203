"""What can be done for a scan before it is its turn: hashed, read, judged."""

from dataclasses import dataclass, replace
from pathlib import Path

from liverseg.cases.scan_check import ScanCheck
from liverseg.errors import DataError
from liverseg.scans.files import PREDICT_AGAIN, ScanFolder
from liverseg.scans.judging import judge_scan
from liverseg.scans.options import Options
from liverseg.scans.provenance import Provenance, hash_scan
from liverseg.scans.results import LESION_COLUMNS
from liverseg.scans.sources import ScanSource
from liverseg.scans.summary import read_summary
from liverseg.tables.csv_rows import read_rows
from liverseg.volumes.nifti import Volume, read_scan

Content = tuple[Volume, ScanCheck]


@dataclass(frozen=True, eq=False)
class ReadScan:
    """A scan, as far as it was read.

    Attributes:
        scan: Where it lies.
        sha256: Of its files before they were read; empty where that is still to be done.
        content: Its HU, and what was found in them; None where that is still to be done.
    """

    scan: ScanSource
    sha256: str = ""
    content: Content | None = None

    def complete_hash(self) -> "ReadScan":
        """The same with its hash.

        Raises:
            DataError: A file cannot be read.
        """
        return self if self.sha256 else replace(self, sha256=hash_scan(self.scan.files))

    def refuse_another(self) -> None:
        """Refuse results of a scan that was replaced between its hashing and its reading.

        Raises:
            DataError: It was.
        """
        if hash_scan(self.scan.files) != self.sha256:
            raise DataError(
                str(self.scan.files[0]),
                expected="a scan that stays as it is while it is predicted",
                received="another content than at the start",
                next_step="Predict it once it is written.",
            )


def read_ahead(scan: ScanSource, *, out: Path, wanted: Provenance, options: Options) -> ReadScan:
    """A scan while the one before it is predicted: its content, where it is NIfTI and not done.

    Whatever goes wrong is left for its turn: then the memory of the other scan is free, and the
    error is told in its place.

    Args:
        scan: To predict.
        out: The folder of all results.
        wanted: What results would be made with.
        options: What is predicted at all.
    """
    read = ReadScan(scan)
    try:
        read = read.complete_hash()
        folder = out / scan.name
        if scan.series is None and (options.force or not is_done(folder, read, wanted, options)):
            return replace(read, content=judge_file(scan.files[0]))
    except DataError:
        pass
    return read


def judge_file(path: Path) -> Content:
    """The scan of a NIfTI file in HU, and what is found in it before it is predicted.

    Raises:
        DataError: It cannot be read.
    """
    volume = read_scan(path)
    return volume, judge_scan(path, volume)


def is_done(folder: Path, read: ReadScan, wanted: Provenance, options: Options) -> bool:
    """Whether a folder holds the results of this hashed scan, from these models, rules and flips.

    Those of a scan that was predicted by force count only under the same force, and those of a
    version that measured less of a lesion do not.

    The commit, the versions of packages and the names of the models' folders play no part.
    """
    done = ScanFolder(folder)
    paths = [*done.needed, done.overlay]
    if wanted.probabilities:
        paths += [done.liver_probability, done.lesion_probability]
    if options.uncertainty:
        paths += done.uncertain
    if options.dicom and read.scan.series is not None:
        paths += [*done.dicom, *([done.uncertainty_map] if options.uncertainty else [])]
    if not all(path.is_file() for path in paths):
        return False
    try:
        summary = read_summary(folder)
        read_rows(done.lesions, LESION_COLUMNS, next_step=PREDICT_AGAIN)
    except DataError:
        return False
    made = summary.provenance
    return (
        read.sha256 == summary.scan_sha256
        and _list_causes(made) == _list_causes(wanted)
        and (made.probabilities or not wanted.probabilities)
        and (options.force_input or all(each.level == "warning" for each in summary.findings))
    )


def _list_causes(provenance: Provenance) -> tuple[object, ...]:
    return [model.md5 for model in provenance.models], provenance.rules, provenance.flips
