import http.client
import shutil
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from liverseg.viewing.page import build_way
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


def get(server, path, **headers):
    address = urlsplit(server.address)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=named)
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
            request = f"GET {address.path}file-0 HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n"
            connection.sendall(request.encode())
            assert connection.recv(12) == b"HTTP/1.0 200"
    assert capsys.readouterr().err == ""


def test_this_machine_alone_can_ask(server):
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1.evil:{port}",
        "",
    ],
)
def test_a_name_of_somebody_else_that_leads_here_is_refused(server, host):
    path = urlsplit(server.address).path
    for each in (path, f"{path}file-0"):
        assert get(server, each, Host=host.format(port=server.server_port))[0] == 403
    assert get(server, path, Host=f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Referer": "http://evil.example/127.0.0.1:{port}"},
        {"Referer": "http://127.0.0.1:{port}@evil.example/"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "empty"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "script"},
    ],
)
def test_what_another_page_asks_for_is_refused(server, headers):
    own = {name: value.format(port=server.server_port) for name, value in headers.items()}
    assert get(server, f"{urlsplit(server.address).path}file-0", **own)[0] == 403


def test_a_page_from_elsewhere_gets_nothing_of_the_scan_though_it_knows_the_address(
    browser, server, tmp_path
):
    """It asks as scripts, pictures and frames do, and another server has no say in it."""
    page = tmp_path / "evil.html"
    page.write_text(
        f'''<!doctype html><iframe src="{server.address}"></iframe><script>
        fetch("{server.address}file-0", {{mode: "no-cors"}}).then(
          () => {{ document.title = "answered" }}, () => {{ document.title = "refused" }})
        </script>'''
    )
    browser.open(page)
    browser.wait_until("document.title")
    assert browser.run("return document.title") == "refused"
    browser.driver.switch_to.frame(0)
    assert browser.run("return document.getElementById('scene')") is None
    browser.driver.switch_to.default_content()


def test_a_file_leads_the_browser_to_the_page(browser, server, tmp_path):
    way = tmp_path / "way.html"
    way.write_text("".join(build_way(server.address)))
    browser.open(way)
    browser.wait_until(f"location.href === '{server.address}'")
    wait_until_ready(browser)
    assert list_errors(browser) == []


def test_the_served_page_shows_the_files_and_asks_for_nothing_else(browser, server):
    browser.open(server.address)
    wait_until_ready(browser)
    assert browser.find("#place").text.endswith("30 HU · mask.nii: lesion")
    names = "", "file-0", "file-1"
    assert browser.list_requests() == [server.address + name for name in names]
    assert list_errors(browser) == []
