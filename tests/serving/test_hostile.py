"""Requests that the page would not make: from other pages, under other names, of other paths."""

import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from liverseg.errors import DataError
from liverseg.serving.server import choose_token
from tests.serving.conftest import run_server, wait_until

MIB = 2**20
TOKEN = "0123456789abcdef"


@pytest.fixture(scope="module")
def small(model, tmp_path_factory):
    """A server for all addresses of the machine that takes 1 MiB at a time."""
    arguments = ("--model", model, "--host", "0.0.0.0", "--limit-gib", 2**-10)
    folder = tmp_path_factory.mktemp("small")
    with run_server(folder, *arguments, LIVERSEG_TOKEN=TOKEN) as client:
        assert urlsplit(client.address).path == f"/{TOKEN}/"  # as the environment says
        name, port = client.address.split("/")[2].split(":")
        assert name == socket.gethostname().lower()
        client.address = f"http://127.0.0.1:{port}/{TOKEN}/"
        yield client


def format_port(client, text):
    return text.format(port=urlsplit(client.address).port)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil:{port}"],
)
def test_a_name_of_somebody_else_that_leads_here_is_refused(client, small, host):
    for each in (client, small):
        for path in ("", "jobs"):
            assert each.ask("GET", path, Host=format_port(each, host))[0] == 403
        assert each.ask("GET", "jobs", Host=format_port(each, "localhost:{port}"))[0] == 200


def test_another_address_is_a_name_of_a_server_for_others_alone(client, small):
    assert small.ask("GET", "", Host=format_port(small, "192.168.1.7:{port}"))[0] == 200
    assert client.ask("GET", "", Host=format_port(client, "192.168.1.7:{port}"))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Referer": "http://evil.example/"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "empty"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "script"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_another_page_asks_for_is_refused_and_does_nothing(client, method, headers):
    own = {name: format_port(client, value) for name, value in headers.items()}
    before = client.ask("GET", "jobs")[1]
    assert client.ask(method, "jobs", **own)[0] == 403
    assert client.ask("GET", "jobs")[1] == before


def test_what_changes_something_has_to_say_from_which_page_it_comes(client):
    address = urlsplit(client.address)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        lines = f"POST {address.path}jobs HTTP/1.1", f"Host: {address.netloc}", "", ""
        connection.sendall("\r\n".join(lines).encode())
        assert connection.recv(12) == b"HTTP/1.1 403"


def test_nothing_is_answered_without_the_token(client):
    root = urlsplit(client.address).path
    assert len(root) > 20
    wrong = root[:-2] + ("B" if root[-2] == "A" else "A")
    for path in ("/", "/jobs", root[:-2] + "/", f"{wrong}/jobs", f"/{TOKEN}/", "/%00", "//"):
        assert client.ask("GET", path)[0] == 404, path
    assert client.ask("POST", "/jobs")[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "jobs/../../etc/passwd",
        "jobs/{key}/scans/../uploaded/x.nii",
        "jobs/{key}/scans/%2e%2e/uploaded",
        "jobs/{key}/scans/%2e%2e%2fuploaded/x.nii",
        "jobs/{key}/scans/x/view/",
        "jobs/{key}/scans/x/view/file-0",
        "jobs/{key}/results.zip",
        "jobs/%2e%2e/results.zip",
    ],
)
def test_no_path_of_a_request_leads_to_other_files(client, path):
    key = client.add_job()
    assert client.send(key, "x.nii", b"content") == (204, "")
    status, content, _ = client.ask("GET", path.format(key=key))
    assert (status, b"content" in content) == (404, False)
    assert client.ask("DELETE", f"jobs/{key}")[0] == 204
    assert client.ask("GET", f"jobs/{key}/results.zip")[0] == 404


@pytest.mark.parametrize("name", ["../x.nii", "/tmp/x.nii", "a/../../x.nii", "..\\x.nii", ""])
def test_a_file_whose_name_leads_elsewhere_is_refused(client, name):
    key = client.add_job()
    before = client.list_left()
    status, message = client.send(key, name, b"content")
    assert status == 400
    assert message.endswith("Rename the file.")
    assert client.list_left() == before
    client.ask("DELETE", f"jobs/{key}")


def test_a_name_that_was_sent_is_not_sent_again(client):
    key = client.add_job()
    assert client.send(key, "a.nii", b"first")[0] == 204
    for name in ("a.nii", "a.nii/b.nii"):
        status, message = client.send(key, name, b"second")
        assert (status, message.startswith(f"{name}: expected a name of its own")) == (400, True)
    (path,) = [path for path in client.list_left() if path.is_file()]
    assert path.read_bytes() == b"first"
    client.ask("DELETE", f"jobs/{key}")


def test_more_than_the_limit_is_refused_and_not_kept(small):
    key = small.add_job()
    assert small.send(key, "a.nii", bytes(MIB // 2))[0] == 204
    status, message = small.send(key, "b.nii", bytes(MIB // 2 + 1))
    assert status == 400
    assert message.startswith("b.nii: expected files that fit the limit")
    assert small.find_job(key)["num_files"] == 1
    small.ask("DELETE", f"jobs/{key}")
    assert small.list_left() == []


def test_who_sends_too_much_slowly_hears_why(small):
    """A connection that is closed in the middle of sending takes the answer with it."""
    key, address = small.add_job(), urlsplit(small.address)
    piece, number = bytes(2**16), 24
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        lines = (
            f"PUT {address.path}jobs/{key}/files?name=b.nii HTTP/1.1",
            *(f"Host: {address.netloc}", f"Origin: {small.origin}", "Connection: close"),
            *(f"Content-Length: {number * len(piece)}", "", ""),
        )
        connection.sendall("\r\n".join(lines).encode())
        for _ in range(number):
            connection.sendall(piece)
            time.sleep(0.02)
        answer = b"".join(iter(lambda: connection.recv(2**16), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"b.nii: expected files that fit the limit" in answer
    small.ask("DELETE", f"jobs/{key}")
    assert small.list_left() == []


def test_more_than_the_limit_is_refused_though_its_length_is_not_said(small):
    key, address = small.add_job(), urlsplit(small.address)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        lines = (
            f"PUT {address.path}jobs/{key}/files?name=a.nii HTTP/1.1",
            *(f"Host: {address.netloc}", f"Origin: {small.origin}"),
            *("Transfer-Encoding: chunked", "", ""),
        )
        connection.sendall("\r\n".join(lines).encode())
        try:
            for _ in range(64):
                connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        except ConnectionError:
            pass  # it was closed upon the answer
    wait_until(lambda: not any(path.is_file() for path in small.list_left()))
    assert small.find_job(key)["num_files"] == 0
    small.ask("DELETE", f"jobs/{key}")


def test_a_file_that_ends_early_is_not_kept(client):
    key, address = client.add_job(), urlsplit(client.address)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        lines = (
            f"PUT {address.path}jobs/{key}/files?name=a.nii HTTP/1.1",
            *(f"Host: {address.netloc}", f"Origin: {client.origin}"),
            *("Content-Length: 100", "", "a part"),
        )
        connection.sendall("\r\n".join(lines).encode())
        wait_until(lambda: any(path.name == "a.nii" for path in client.list_left()))
    wait_until(lambda: not any(path.name == "a.nii" for path in client.list_left()))
    assert client.find_job(key)["num_files"] == 0
    client.ask("DELETE", f"jobs/{key}")


def test_there_is_an_end_to_the_number_of_jobs(small):
    keys = [small.add_job() for _ in range(50)]
    status, body, _ = small.ask("POST", "jobs")
    assert status == 400
    assert json.loads(body)["message"].endswith("Delete what is no longer needed.")
    for key in keys:
        assert small.ask("DELETE", f"jobs/{key}")[0] == 204
    assert small.list_left() == []


def test_every_answer_tells_browsers_to_keep_to_themselves(client):
    for path in ("", "jobs", "missing", "/"):
        _, body, headers = client.ask("GET", path)
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert ("default-src 'none'" in policy) != body.startswith(b"<!doctype html>")
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
    page = client.ask("GET", "")[1].decode()
    assert "content=\"default-src 'none'; connect-src 'self'" in page
    assert "unsafe" not in page


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "clinic.example"])
@pytest.mark.parametrize("token", [None, "", "short", 16 * "/", 201 * "x"])
def test_an_address_for_others_needs_a_token_that_nobody_guesses(host, token):
    with pytest.raises(DataError, match=f"the token for {host}: expected 16 to 200 letters"):
        choose_token(host, token)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_an_address_of_this_machine_alone_gets_a_new_token_each_time(host):
    tokens = {choose_token(host, None) for _ in range(9)}
    assert len(tokens) == 9
    assert min(map(len, tokens)) >= 20
    with pytest.raises(DataError, match="5 characters"):
        choose_token(host, "short")


def test_what_a_browser_can_reach_is_for_its_user_alone(client):
    (folder,) = client.temporary.glob("liverseg-serve-*")
    assert folder.stat().st_mode & 0o777 == 0o700
