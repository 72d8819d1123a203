"""The paths of the page: jobs come in, their state and their results go out."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    Response,
)
from starlette.routing import Mount, Route

from liverseg.errors import DataError, describe_os_error
from liverseg.pages.html_pages import PageKind
from liverseg.scans.files import ScanFolder
from liverseg.serving.answers import DOWNLOADS, describe_jobs
from liverseg.serving.job import Job
from liverseg.serving.queue import JobQueue
from liverseg.viewing.page import build_page

PAGE = PageKind("liverseg.serving", ("sending.js", "page.js"))

SHOWN = {"report.html": "text/html; charset=utf-8", "overlay.png": "image/png"}

MOST_DROPPED_BYTES = 2**26
"""Of a file that was refused; who goes on to send is cut off."""


def build_app(queue: JobQueue, token: str) -> Starlette:
    """The application; its jobs are worked on for as long as it lives."""
    pages = Pages(queue)
    routes = [
        Route("/", pages.show),
        Route("/jobs", pages.list_jobs),
        Route("/jobs", pages.add_job, methods=["POST"]),
        Route("/jobs/{key}", pages.delete_job, methods=["DELETE"]),
        Route("/jobs/{key}/files", pages.receive_file, methods=["PUT"]),
        Route("/jobs/{key}/start", pages.start_job, methods=["POST"]),
        Route("/jobs/{key}/results.zip", pages.send_all),
        Route("/jobs/{key}/scans/{scan}/view/", pages.view_scan),
        Route("/jobs/{key}/scans/{scan}/view/file-{number:int}", pages.send_viewed),
        Route("/jobs/{key}/scans/{scan}/{file}", pages.send_result),
    ]

    @asynccontextmanager
    async def live(_app: Starlette) -> AsyncIterator[None]:
        worker = asyncio.create_task(queue.work())
        yield
        worker.cancel()
        await asyncio.wait([worker])

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        DataError: _answer_refusal,
        OSError: _answer_disk,
    }
    return Starlette(
        routes=[Mount(f"/{token}", routes=routes)],
        lifespan=live,
        exception_handlers=handlers,
    )


class Pages:
    """The answers to requests, all of which the guard has let pass."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    async def show(self, _request: Request) -> Response:
        """The page."""
        limit = self._queue.options.limit_bytes
        return HTMLResponse("".join(PAGE.render("page.html", connect="'self'", limit_bytes=limit)))

    async def list_jobs(self, _request: Request) -> Response:
        """All jobs as JSON."""
        return JSONResponse(describe_jobs(self._queue))

    async def add_job(self, request: Request) -> Response:
        """A new job."""
        force_input = request.query_params.get("force_input") == "true"
        job = self._queue.add(force_input=force_input)
        return JSONResponse({"key": job.key}, 201)

    async def receive_file(self, request: Request) -> Response:
        """One file of a job: its name in the address, its content as the body."""
        job = self._find_job(request)
        name = request.query_params.get("name", "")
        declared = request.headers.get("Content-Length", "")
        try:
            if declared.isdigit() and int(declared) > job.budget.num_bytes:
                job.budget.take_bytes(int(declared), name)
            file = job.create_file(name)
        except DataError:
            await _drop_rest(request)
            raise
        try:
            with file:
                async for chunk in request.stream():
                    job.budget.take_bytes(len(chunk), name)
                    file.write(chunk)
        except (DataError, OSError, ClientDisconnect) as error:
            Path(file.name).unlink(missing_ok=True)
            job.num_files -= 1
            if isinstance(error, ClientDisconnect):  # nobody is left to be told
                return Response(status_code=400)
            await _drop_rest(request)
            raise
        return Response(status_code=204)

    async def start_job(self, request: Request) -> Response:
        """A job to which all was sent, in the queue."""
        self._queue.start(self._find_job(request))
        return Response(status_code=204)

    async def delete_job(self, request: Request) -> Response:
        """A job ended, and nothing left of it."""
        await self._queue.delete(self._find_job(request))
        return Response(status_code=204)

    async def send_all(self, request: Request) -> Response:
        """All results of a job in one archive."""
        job = self._find_job(request)
        return _send(job.folder.packed, f"{job.title.partition('.')[0]}-liverseg.zip")

    async def send_result(self, request: Request) -> Response:
        """One file of the results of a scan."""
        job, scan = self._find_scan(request)
        folder, name = job.results[scan].folder, request.path_params["file"]
        path = next((each for each in ScanFolder(folder).files if each.name == name), None)
        if path is not None and name in SHOWN:
            return _send(path, None, SHOWN[name])
        if path is not None and name in DOWNLOADS:
            return _send(path, f"{scan}-{name}")
        raise HTTPException(404)

    async def view_scan(self, request: Request) -> Response:
        """The viewer of a scan and its labels."""
        job, scan = self._find_scan(request)
        if scan not in job.scenes:
            raise HTTPException(404)
        return HTMLResponse(build_page(job.scenes[scan]))

    async def send_viewed(self, request: Request) -> Response:
        """A file that the viewer shows."""
        job, scan = self._find_scan(request)
        files = job.scenes[scan].files if scan in job.scenes else ()
        number = request.path_params["number"]
        if number >= len(files):
            raise HTTPException(404)
        return _send(files[number], None)

    def _find_job(self, request: Request) -> Job:
        job = self._queue.jobs.get(request.path_params["key"])
        if job is None:
            raise HTTPException(404)
        return job

    def _find_scan(self, request: Request) -> tuple[Job, str]:
        job, scan = self._find_job(request), request.path_params["scan"]
        if scan not in job.results:
            raise HTTPException(404)
        return job, scan


async def _drop_rest(request: Request) -> None:
    """Take a little of what is still coming: cut off in sending, a browser does not read why."""
    num_bytes = 0
    with suppress(ClientDisconnect):
        async for chunk in request.stream():
            num_bytes += len(chunk)
            if num_bytes > MOST_DROPPED_BYTES:
                return


def _send(path: Path, name: str | None, media_type: str = "application/octet-stream") -> Response:
    """A file, to be saved where it has a name."""
    if not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, media_type=media_type, filename=name)


async def _answer_refusal(_request: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, 400, headers={"Connection": "close"})


async def _answer_disk(_request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return JSONResponse({"message": describe_os_error(error)}, 507 if is_full else 500)
