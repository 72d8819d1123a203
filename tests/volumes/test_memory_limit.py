"""The memory of control groups, laid out by hand as the kernel lays them out."""

import math
from pathlib import Path

from liverseg.volumes.memory_limit import find_container_memory


def write_group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def test_the_lowest_of_a_group_and_those_above_it_counts(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/pod/container\n")
    groups = tmp_path / "fs"
    write_group(groups / "pod/container", memory__max="max", memory__current=5, memory__stat="")
    stat = "anon 10\ninactive_file 300"
    write_group(groups / "pod", memory__max=1000, memory__current=600, memory__stat=stat)
    assert find_container_memory(groups, own) == 1000 - 600 + 300


def test_a_container_that_sees_its_own_group_as_the_root_is_limited(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/\n")
    write_group(tmp_path / "fs", memory__max=1000, memory__current=900, memory__stat="")
    assert find_container_memory(tmp_path / "fs", own) == 100


def test_groups_of_version_1_are_limited_by_their_memory_controller(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("5:cpu,cpuacct:/job\n4:memory:/job\n0::/\n")
    files = {"memory__limit_in_bytes": 2000, "memory__usage_in_bytes": 1500}
    write_group(tmp_path / "fs/memory/job", **files, memory__stat="total_inactive_file 100")
    assert find_container_memory(tmp_path / "fs", own) == 600


def test_a_group_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/\n")
    write_group(tmp_path / "fs", memory__max=1000, memory__current=1001, memory__stat="")
    assert find_container_memory(tmp_path / "fs", own) == 0


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert find_container_memory(tmp_path, tmp_path / "absent") == math.inf


def test_this_machine_answers() -> None:
    assert find_container_memory() > 0
