"""A tiny DVC repository that has run, and copies of it."""

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clone import REPOSITORY, Clone

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


class TinyRepository(Clone):
    """A small pipeline of its own; what runs on it is `liverseg` of this source tree."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cache = folder / ".dvc/cache/files/md5"

    def build_environment(self) -> dict[str, str]:
        """The source tree's code, and a site cache of its own."""
        return super().build_environment() | {
            "PYTHONPATH": str(REPOSITORY),
            "DVC_SITE_CACHE_DIR": str(self.folder.parent / "site"),
        }

    def run(self, *command: str, expect: int = 0) -> str:
        """As in any clone; and no command ends in a traceback."""
        output = super().run(*command, expect=expect)
        assert "Traceback" not in output
        return output

    def liverseg(self, *arguments: str, expect: int = 0) -> str:
        """What `liverseg` of this source tree printed."""
        program = "from liverseg.cli import main; main()"
        return self.run(sys.executable, "-c", program, *arguments, expect=expect)

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
