"""What all verbs of the command line share: help, words, exit codes and signals."""

import re
import shutil
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.cli.app import app
from tests.commands import LIVERSEG, run_liverseg

VERBS = sorted(each.name or each.callback.__name__ for each in app.registered_commands)


@pytest.fixture(scope="module")
def masks(tmp_path_factory) -> Path:
    """A folder of two masks."""
    folder = tmp_path_factory.mktemp("masks")
    labels = np.zeros((8, 8, 8), np.uint8)
    labels[2:6, 2:6, 2:6] = 1
    labels[3:5, 3:5, 3:5] = 2
    for number in (1, 2):
        image = nib.Nifti1Image(labels, np.diag([-1, -1, 2, 1]))
        nib.save(image, folder / f"segmentation-{number}.nii.gz")
    return folder


def test_the_help_lists_every_verb_in_whole_sentences_and_the_exit_codes():
    shown = run_liverseg("--help").stdout
    verbs = shown.split("Commands:")[1].split("Exit codes:")[0]
    assert re.findall(r"^  (\w+)  ", verbs, re.MULTILINE) == VERBS
    assert "..." not in verbs
    for code, meaning in ((0, "all is well"), (1, "some of"), (2, "nothing"), (130, "interrupted")):
        assert re.search(rf"^    {code} +{meaning}", shown, re.MULTILINE)


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_has_examples_and_can_be_quiet_or_verbose(name):
    result = run_liverseg(name, "--help")
    assert result.returncode == 0
    assert re.search(rf"^  liverseg {name}\b", result.stdout, re.MULTILINE), "no example"
    for option in ("--quiet", "--verbose"):
        assert option in result.stdout


def test_the_version_is_that_of_the_package():
    assert run_liverseg("--version").stdout == f"liverseg {version('liverseg')}\n"


def test_a_verb_that_does_not_exist_brings_the_one_that_was_meant():
    result = run_liverseg("scroe")
    assert (result.returncode, result.stdout) == (2, "")
    assert "Did you mean 'score'?" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell):
    """Which shell it is, Typer finds out from the process that called; here it is told."""
    told = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    result = run_liverseg("--show-completion", shell, **told)
    assert result.returncode == 0
    assert f"_LIVERSEG_COMPLETE=complete_{shell}" in result.stdout


def test_the_script_completes_verbs():
    asked = {"_LIVERSEG_COMPLETE": "complete_bash", "COMP_WORDS": "liverseg s", "COMP_CWORD": "1"}
    assert run_liverseg(**asked).stdout.split() == ["score", "seeds", "serve", "spread"]


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}])
def test_what_is_piped_is_plain(masks, environment):
    for arguments in (("--help",), ("score", "--help"), ("score", masks, masks)):
        result = run_liverseg(*arguments, **environment)
        assert result.returncode == 0, result.stderr
        assert result.stdout
        assert not re.search(r"[\x1b\r]", result.stdout)


def test_quiet_says_nothing_but_the_results_and_errors(masks, tmp_path):
    loud, quiet = (
        run_liverseg("score", masks, masks),
        run_liverseg("score", masks, masks, "--quiet"),
    )
    assert "2/2" in loud.stderr
    assert quiet.stderr == ""
    assert quiet.stdout == loud.stdout
    wrong = run_liverseg("score", masks, tmp_path / "none", "--quiet")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("error: ")


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("score {0} {0} --json {0}", "--json"),
        ("score {0} {1} --csv {link}/{1.name}", "--csv"),
        ("score {0} {0} --json {new} --csv {new}", "--json"),
        ("view {0} {1} --html {1}", "--html"),
        ("check {folder} --json {0}", "--json"),
        ("check {folder} --params {yaml} --json {yaml}", "--json"),
    ],
)
def test_nothing_that_a_command_reads_or_writes_is_written_over(masks, tmp_path, words, option):
    (tmp_path / "own.yaml").write_text("model: all\n")
    files = sorted(masks.iterdir())
    before = [path.read_bytes() for path in files]
    (tmp_path / "link").symlink_to(masks)
    places = {"folder": masks} | {
        name: tmp_path / path
        for name, path in {"new": "new.json", "yaml": "own.yaml", "link": "link"}.items()
    }
    result = run_liverseg(*words.format(*files, **places).split())
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: {option}: expected a file that nothing else of this")
    assert result.stderr.count("\n") == 1
    assert [path.read_bytes() for path in files] == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "own.yaml"]


def test_a_result_among_what_is_read_is_replaced_by_the_next(masks, tmp_path):
    folder = shutil.copytree(masks, tmp_path / "masks")
    out = folder / "scores.json"
    out.touch()
    assert run_liverseg("score", folder, folder, "--json", out).returncode == 0
    assert out.read_bytes().startswith(b"{")


def test_verbose_shows_where_an_error_comes_from(masks, tmp_path):
    arguments = "score", masks, tmp_path / "none"
    assert "Traceback" not in run_liverseg(*arguments).stderr
    result = run_liverseg(*arguments, "--verbose")
    assert result.returncode == 2
    assert "Traceback" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("error: ")


def test_a_pipe_that_closes_early_ends_it_silently(masks):
    command = [*LIVERSEG, "score", str(masks), str(masks), "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()  # what `head` does once it has its lines
        assert process.stderr.read() == b""
    assert process.returncode == -signal.SIGPIPE


WAITING_VERB = """
import time
from liverseg.cli.app import main, verb

@verb("wait")
def wait() -> None:
    'Wait.'
    print("waiting", flush=True)
    time.sleep(60)

main()
"""


def test_ctrl_c_is_one_line_and_ends_by_the_signal():
    """Shells make 130 of that, and stop a loop around the command."""
    command = [sys.executable, "-c", WAITING_VERB, "wait"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "interrupted\n"
    assert process.returncode == -signal.SIGINT
