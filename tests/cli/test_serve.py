import socket

import pytest

from liverseg.errors import DataError
from liverseg.serving import server
from liverseg.serving.queue import JobOptions
from tests.commands import REPOSITORY, run_liverseg


def test_an_address_for_others_without_a_token_is_an_error_of_one_line():
    done = run_liverseg("serve", "--host", "0.0.0.0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: the token for 0.0.0.0: expected 16 to 200 letters")
    assert "export LIVERSEG_TOKEN=" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_the_packages_of_the_extra_the_error_says_how_to_get_them(tmp_path):
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')")
    done = run_liverseg("serve", PYTHONPATH=f"{tmp_path}:{REPOSITORY}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Received: no module uvicorn" in done.stderr
    assert 'pip install "liverseg[serve]"' in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_model_that_cannot_be_used_is_said_before_anything_is_sent(tmp_path):
    done = run_liverseg("serve", "--no-browser", "--model", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / "none") in done.stderr


def test_a_port_that_is_taken_is_an_error_that_names_it():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DataError, match=rf"127.0.0.1:{port}: .* Choose others with --host"):
            server.serve(
                "127.0.0.1",
                port,
                token=32 * "a",
                options=JobOptions(limit_bytes=1, models=(), dicom=False, uncertainty=False),
                opens_browser=False,
            )
