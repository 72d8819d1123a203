import http.client
import shutil
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from liverseg.viewing.scene import Scene, build_scene
from liverseg.viewing.server import ViewServer
from tests.viewing.opened import list_errors, wait_until_ready


class PatientServer(ViewServer):
    """Waits for its answers to end before it does."""

    daemon_threads = False


@contextmanager
def run_server(server):
    with server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(scene_files):
    scan, mask = scene_files
    with run_server(ViewServer(build_scene(scan, [mask]))) as server:
        yield server


def get(server, path):
    address = urlsplit(server.address)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


def test_the_files_are_served_as_they_are(server, scene_files):
    root = urlsplit(server.address).path
    for number, path in enumerate(scene_files):
        assert get(server, f"{root}file-{number}") == (200, path.read_bytes())


def test_nothing_else_is_served(server):
    root = urlsplit(server.address).path
    assert len(root) > 20
    asked = (
        "/",
        "/file-0",
        root[:-1],
        f"{root}file-2",
        f"{root}../",
        f"{root}file-0/../../etc/passwd",
    )
    assert {get(server, path)[0] for path in asked} == {404}


def test_a_file_that_has_gone_is_not_found(scene_files, tmp_path, capsys):
    scan = Path(shutil.copy(scene_files[0], tmp_path))
    with run_server(PatientServer(build_scene(scan, []))) as server:
        scan.unlink()
        assert get(server, f"{urlsplit(server.address).path}file-0")[0] == 404
    assert capsys.readouterr().err == ""


def test_a_reader_who_leaves_early_is_no_error(tmp_path, capsys):
    scan = tmp_path / "scan.nii"
    with scan.open("wb") as file:
        file.truncate(2**26)  # more than the buffers of a connection hold
    with run_server(PatientServer(Scene(scan, (), None))) as server:
        address = urlsplit(server.address)
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(f"GET {address.path}file-0 HTTP/1.0\r\n\r\n".encode())
            assert connection.recv(8) == b"HTTP/1.0"
    assert capsys.readouterr().err == ""


def test_this_machine_alone_can_ask(server):
    assert server.server_address[0] == "127.0.0.1"


def test_the_served_page_shows_the_files_and_asks_for_nothing_else(browser, server):
    browser.open(server.address)
    wait_until_ready(browser)
    assert browser.find("#place").text.endswith("30 HU · mask.nii: lesion")
    names = "", "file-0", "file-1"
    assert browser.list_requests() == [server.address + name for name in names]
    assert list_errors(browser) == []
