"""One job: what was sent, how far it is, and what came of it."""

import shutil
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from liverseg.archives.received import Budget, build_path
from liverseg.errors import DataError
from liverseg.scans.files import PredictionsFolder, ScanFolder
from liverseg.scans.report.written import ScanResults, read_results
from liverseg.serving.job_folder import JobFolder
from liverseg.serving.work import Told
from liverseg.viewing.scene import Scene


class State(StrEnum):
    """What a job goes through, from first to last; ``FAILED`` where nothing came of it."""

    UPLOADING = "uploading"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(eq=False)
class Job:
    """A job in memory; its files lie in its folder.

    Attributes:
        key: By which the page names it; nobody can guess it.
        folder: Of its files.
        budget: What may still be sent and unpacked.
        force_input: As for ``liverseg predict``.
        title: The first name that was sent.
        state: How far it is.
        num_files: Sent so far.
        num_scans: Found in them; None while that is unknown.
        failures: Why a scan, or all, could not be predicted.
        notes: What else there is to know.
        results: Of scans that are done, once the job is.
        scenes: What the viewer shows, by the names of scans.
    """

    key: str
    folder: JobFolder
    budget: Budget
    force_input: bool
    title: str = ""
    state: State = State.UPLOADING
    num_files: int = 0
    num_scans: int | None = None
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    results: dict[str, ScanResults] = field(default_factory=dict)
    scenes: dict[str, Scene] = field(default_factory=dict)
    _started: float | None = None
    _seconds: float | None = None

    def create_file(self, name: str) -> BinaryIO:
        """A new file for what is sent under a name.

        Raises:
            DataError: The name cannot be used or was sent before, there are too many files, or the
                job has begun.
        """
        if self.state != State.UPLOADING:
            raise DataError(
                name,
                expected="files before the job begins",
                received="one more",
                next_step="Send it as a new job.",
            )
        relative = build_path(name)
        self.budget.take_file(name)
        path = self.folder.uploaded / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        except (FileExistsError, NotADirectoryError):
            raise DataError(
                name,
                expected="a name of its own for each file",
                received="one that another file or folder has",
                next_step="Rename it, or send it as a job of its own.",
            ) from None
        self.title = self.title or relative.parts[0]
        self.num_files += 1
        return file

    def begin(self) -> None:
        """Note that it runs."""
        self.state, self._started = State.RUNNING, time.monotonic()

    def hear(self, told: Told) -> None:
        """Take in what the process of the job tells; names of files are those that were sent."""
        text = told.text.replace(f"{self.folder.uploaded}/", "")
        text = text.replace(f"{self.folder.path}/", "")
        match told.kind:
            case "scans":
                self.num_scans = told.number
            case "view":
                scan = ScanFolder(self.folder.results / told.text)
                entropy = scan.uncertainty if scan.uncertainty.exists() else None
                scene = Scene(Path(told.path), (scan.labels,), told.start_mm, entropy)
                self.scenes[told.text] = scene
            case "note":
                self.notes.append(text)
            case "failed":
                self.failures.append(text)

    def end(self, exit_code: int) -> None:
        """Read what came of it, after its process has ended."""
        self._seconds = self.seconds
        if exit_code and not self.failures:
            self.failures.append(
                f"{self.title}: expected a job that ends. Received: one that stopped (exit code "
                f"{exit_code}). Look where the server was started for the reason, then try again."
            )
        for folder in self._list_done():
            try:
                self.results[folder.path.name] = read_results(folder.path)
            except DataError as error:
                self.failures.append(str(error))
        self.state = State.DONE if self.results else State.FAILED

    @property
    def seconds(self) -> float | None:
        """Since it began, until it ended; None before."""
        if self._seconds is not None or self._started is None:
            return self._seconds
        return time.monotonic() - self._started

    @property
    def num_done(self) -> int:
        """Scans whose results are there."""
        return len(self._list_done())

    def remove(self) -> None:
        """Remove all that lies in its folder."""
        shutil.rmtree(self.folder.path, ignore_errors=True)

    def _list_done(self) -> list[ScanFolder]:
        if not self.folder.results.is_dir():
            return []
        scans = PredictionsFolder(self.folder.results).list_scans()
        return [scan for scan in scans if scan.summary.exists()]
