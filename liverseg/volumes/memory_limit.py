"""The memory that a container leaves to its processes, by the kernel's control groups."""

import math
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")

VERSION_2 = ("memory.max", "memory.current", "inactive_file")
VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def find_container_memory(groups: Path = GROUPS, own_groups: Path = OWN_GROUPS) -> float:
    """Bytes that are free in this process's control group and in all above it.

    A group's free memory is its limit less its usage; pages of files that the kernel would drop
    first count as free. Source: the kernel's admin guide, "Control Group v2" and "Memory Resource
    Controller" (v1).

    Args:
        groups: Where the control groups are mounted.
        own_groups: The file that says which of them this process is in.

    Returns:
        Infinity where there is no limit, or no control group.
    """
    free = math.inf
    for controllers, path in _list_own(own_groups):
        if controllers == "":
            root, names = groups, VERSION_2
        elif "memory" in controllers.split(","):
            root, names = groups / "memory", VERSION_1
        else:
            continue
        inner = root / path.lstrip("/")
        for folder in (inner, *inner.parents):
            if folder == root.parent:
                break
            free = min(free, _measure_free(folder, *names))
    return free


def _list_own(own_groups: Path) -> list[tuple[str, str]]:
    """Controllers and path of each group of this process; the version 2 has no controllers here."""
    try:
        lines = own_groups.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):  # no Linux
        return []
    split = [line.split(":", 2) for line in lines]
    return [(each[1], each[2]) for each in split if len(each) == 3]


def _measure_free(folder: Path, limit_file: str, usage_file: str, cache_key: str) -> float:
    try:
        limit = int((folder / limit_file).read_text(encoding="ascii"))
        usage = int((folder / usage_file).read_text(encoding="ascii"))
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):  # no such group inside the container, or "max": no limit
        return math.inf
    cached = sum(int(line.split()[1]) for line in lines if line.split()[:1] == [cache_key])
    return max(limit - usage + cached, 0)
