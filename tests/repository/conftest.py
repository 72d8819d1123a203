"""A tiny DVC repository that has run, and copies of it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

REPOSITORY = Path(__file__).resolve().parents[2]

MAKE = """
from pathlib import Path

Path("model").mkdir()
Path("model/weights").write_text(Path("sub/data").read_text() + " and weights of seed 1")
Path("model/notes").write_text("notes")
with Path("runs.log").open("a") as file:
    file.write("made\\n")
"""

PIPELINE = """
stages:
  make:
    cmd: python make.py
    deps: [make.py, sub/data]
    outs: [model]
"""

SUB_PIPELINE = """
stages:
  data:
    cmd: python -c "open('data', 'w').write('data')"
    outs: [data]
"""


class TinyRepository:
    """A folder with commands run in it as a user would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / ".dvc/cache/files/md5"

    def run(self, *command: str, expect: int = 0) -> str:
        """What a command printed, on both channels; it must end with the expected code."""
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            "DVC_SITE_CACHE_DIR": str(self.folder.parent / "site"),
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == expect, f"{' '.join(command)}: {done.returncode}\n{done.stdout}"
        assert "Traceback" not in done.stdout
        return done.stdout

    def liverseg(self, *arguments: str, expect: int = 0) -> str:
        """What `liverseg` of this source tree printed."""
        program = "from liverseg.cli import main; main()"
        return self.run(sys.executable, "-c", program, *arguments, expect=expect)

    def commit(self, message: str) -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", message)

    def count_runs(self) -> int:
        """How often the stage `make` ran."""
        return len((self.folder / "runs.log").read_text().splitlines())

    def read_hash(self, stage: str, lock: str = "dvc.lock") -> str:
        """The hash of a stage's only output."""
        (out,) = YAML(typ="safe").load(self.folder / lock)["stages"][stage]["outs"]
        return str(out["md5"])

    def find_object(self, name: str) -> Path:
        """Where the cache has an object, or would have it."""
        return self.cache / name[:2] / name[2:]


def damage(path: Path) -> None:
    """Change one byte of a read-only file and nothing else: neither size, mode nor time."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.chmod(0o644)
    with path.open("r+b") as file:  # in place, as a disk would
        file.write(content)
    path.chmod(stat.S_IMODE(before.st_mode))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.fixture(scope="session")
def finished_repository(tmp_path_factory: pytest.TempPathFactory) -> TinyRepository:
    tiny = TinyRepository(tmp_path_factory.mktemp("finished") / "tiny")
    tiny.folder.mkdir()
    tiny.run("git", "init", "--quiet", "--initial-branch", "main")
    tiny.run("git", "config", "user.name", "test")
    tiny.run("git", "config", "user.email", "test@example.invalid")
    tiny.run("dvc", "init", "--quiet")
    tiny.run("dvc", "config", "core.analytics", "false")
    tiny.run("dvc", "config", "core.check_update", "false")
    (tiny.folder / "sub").mkdir()
    (tiny.folder / "sub/dvc.yaml").write_text(SUB_PIPELINE)
    (tiny.folder / "dvc.yaml").write_text(PIPELINE)
    (tiny.folder / "make.py").write_text(MAKE)
    (tiny.folder / ".gitignore").write_text("runs.log\n__pycache__/\n")
    tiny.run("dvc", "repro")
    tiny.commit("a first model")
    return tiny


@pytest.fixture
def tiny(finished_repository: TinyRepository, tmp_path: Path) -> TinyRepository:
    shutil.copytree(finished_repository.folder, tmp_path / "tiny", symlinks=True)
    return TinyRepository(tmp_path / "tiny")
