"""``liverseg serve`` as a process of its own, and clients of it."""

import http.client
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import nibabel as nib
import numpy as np
import pytest

from tests.commands import LIVERSEG, REPOSITORY
from tests.scans.conftest import AFFINE, write_model_folder

WAIT_SECONDS = 60
# 12 x 12 x 2 voxels of 2 x 2 x 4 mm are 4.6 ml, 9 of them with lesion 0.14 ml
LIVER_ML, LESION_ML, BURDEN = "4.6", "0.1", "3.1%"


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@dataclass
class Client:
    """Asks as the page does, or as a request says otherwise."""

    address: str
    process: subprocess.Popen[str]
    temporary: Path

    @property
    def origin(self) -> str:
        scheme, netloc, *_ = urlsplit(self.address)
        return f"{scheme}://{netloc}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, content and headers, in small letters; a path with / in front is not below."""
        parts = urlsplit(self.address)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if method not in {"GET", "HEAD"}:
            given.setdefault("Origin", self.origin)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=WAIT_SECONDS)
        target = path if path.startswith("/") else parts.path + path
        try:
            connection.request(method, target, body, given)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read(), headers
        finally:
            connection.close()

    def add_job(self) -> str:
        return json.loads(self.ask("POST", "jobs")[1])["key"]

    def send(self, key: str, name: str, content: bytes) -> tuple[int, str]:
        """One file; what was refused, as the page would say it."""
        status, body, _ = self.ask("PUT", f"jobs/{key}/files?name={quote(name, safe='')}", content)
        return status, json.loads(body)["message"] if body else ""

    def send_job(self, files: dict[str, bytes]) -> str:
        key = self.add_job()
        for name, content in files.items():
            assert self.send(key, name, content) == (204, "")
        assert self.ask("POST", f"jobs/{key}/start")[0] == 204
        return key

    def find_job(self, key: str) -> dict[str, Any]:
        jobs = json.loads(self.ask("GET", "jobs")[1])["jobs"]
        return next(job for job in jobs if job["key"] == key)

    def wait_for(self, key: str, *states: str) -> dict[str, Any]:
        wait_until(lambda: self.find_job(key)["state"] in states)
        return self.find_job(key)

    def list_left(self) -> list[Path]:
        """All that the server was sent or made, without its own folder and lock."""
        found = self.temporary.glob("liverseg-serve-*/**/*")
        return sorted(path for path in found if path.name != ".partial.lock")


@contextmanager
def run_server(folder: Path, *arguments: object, **environment: str) -> Iterator[Client]:
    """A server whose temporary files lie in a folder of their own."""
    temporary = Path(tempfile.mkdtemp(dir=folder))
    command = [*LIVERSEG, "serve", "--no-browser", *map(str, arguments)]
    environment |= {"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(temporary)}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            yield Client(address, process, temporary)
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Liver is what is brighter than 25 HU, lesion than 150 HU."""
    return write_model_folder(tmp_path_factory.mktemp("models") / "final")


@pytest.fixture(scope="module")
def client(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with run_server(tmp_path_factory.mktemp("serve"), "--model", model) as client:
        yield client


@pytest.fixture(scope="session")
def hu() -> np.ndarray:
    """A liver with one lesion in it."""
    hu = np.full((32, 32, 4), -500, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    hu[10:13, 10:13, 2] = 200
    return hu


@pytest.fixture(scope="session")
def write_scan(hu: np.ndarray) -> Callable[[Path], Path]:
    """A function that writes the scan to a path, and returns it."""

    def write(path: Path) -> Path:
        nib.save(nib.Nifti1Image(hu, AFFINE), path)
        return path

    return write


@pytest.fixture(scope="session")
def scan(write_scan: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scan(tmp_path_factory.mktemp("scans") / "scan 1.nii.gz")
