"""All jobs of a server, done one at a time in the order in which they were started."""

import asyncio
import json
import os
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from liverseg.errors import EXIT_CODE, DataError, describe_os_error
from liverseg.serving.job import Job, State
from liverseg.serving.job_budget import build_budget
from liverseg.serving.job_folder import JobFolder
from liverseg.serving.work import TOLD, Told

MOST_JOBS = 50
"""Kept at a time, done or not."""

LONGEST_LINE_BYTES = 2**20


@dataclass(frozen=True)
class JobOptions:
    """What holds for every job of a server.

    Attributes:
        limit_bytes: As sent and as unpacked.
        models: As for ``liverseg predict``.
        dicom: Write results of DICOM series in DICOM as well.
        uncertainty: Write and show where the lesion probability is undecided.
    """

    limit_bytes: int
    models: Sequence[str]
    dicom: bool
    uncertainty: bool


@dataclass(eq=False)
class JobQueue:
    """The jobs by their keys, in the order in which they came.

    Attributes:
        folder: Where each has a folder of its own.
        options: Of all jobs.
    """

    folder: Path
    options: JobOptions
    jobs: dict[str, Job] = field(default_factory=dict)
    _waiting: list[Job] = field(default_factory=list)
    _is_waited_for: asyncio.Event = field(default_factory=asyncio.Event)
    _running: tuple[Job, asyncio.Task[None]] | None = None

    def add(self, *, force_input: bool) -> Job:
        """A new job, to which files can be sent.

        Raises:
            DataError: There are too many.
        """
        if len(self.jobs) >= MOST_JOBS:
            raise DataError(
                "the queue",
                expected=f"at most {MOST_JOBS} jobs, those that are done included",
                received="one more",
                next_step="Delete what is no longer needed.",
            )
        key = secrets.token_urlsafe(12)
        budget = build_budget(self.options.limit_bytes)
        job = Job(key, JobFolder(self.folder / key), budget, force_input)
        job.folder.uploaded.mkdir(parents=True)
        self.jobs[key] = job
        return job

    def start(self, job: Job) -> None:
        """Put a job to which all files were sent at the end of the queue; once is enough."""
        if job.state == State.UPLOADING:
            job.state = State.QUEUED
            self._waiting.append(job)
            self._is_waited_for.set()

    def find_place(self, job: Job) -> int | None:
        """How many jobs are done before it begins, 1 for the next one; None if it does not wait."""
        if job not in self._waiting:
            return None
        return self._waiting.index(job) + 1

    async def delete(self, job: Job) -> None:
        """End a job and remove all that belongs to it."""
        self.jobs.pop(job.key, None)
        if job in self._waiting:
            self._waiting.remove(job)
        if self._running is not None and self._running[0] is job:
            await _cancel(self._running[1])
        await asyncio.to_thread(job.remove)

    async def work(self) -> None:
        """Do jobs until cancelled."""
        while True:
            await self._is_waited_for.wait()
            if not self._waiting:
                self._is_waited_for.clear()
                continue
            job = self._waiting.pop(0)
            task = asyncio.create_task(self._run(job))
            self._running = job, task
            try:
                await asyncio.wait([task])
            finally:
                await _cancel(task)
                self._running = None

    async def _run(self, job: Job) -> None:
        """Do one job in a process of its own."""
        job.begin()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._build_command(job),
                stdin=DEVNULL,
                stdout=PIPE,
                env=os.environ | {"TQDM_DISABLE": "1", "TMPDIR": str(job.folder.path)},
                limit=LONGEST_LINE_BYTES,
                start_new_session=True,  # Ctrl-C is for the server, which then ends its job
            )
        except OSError as error:
            job.hear(Told("failed", describe_os_error(error) or str(error)))
            job.end(EXIT_CODE)
            return
        try:
            assert process.stdout is not None
            async for line in process.stdout:
                if line.startswith(TOLD):  # a library may print, too
                    job.hear(Told(**json.loads(line)))
            await process.wait()
        finally:
            await _end(process)
            job.end(process.returncode or 0)

    def _build_command(self, job: Job) -> list[str]:
        return [
            *(sys.executable, "-m", "liverseg.serving.work", str(job.folder.path)),
            *("--left-bytes", str(job.budget.num_bytes)),
            *("--left-files", str(job.budget.num_files)),
            *(word for model in self.options.models for word in ("--model", model)),
            *(["--force-input"] if job.force_input else []),
            *(["--dicom"] if self.options.dicom else []),
            *(["--uncertainty"] if self.options.uncertainty else []),
        ]


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _end(process: Process) -> None:
    """End a process; it has nothing to clean up, since its folder goes with all that is in it."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
