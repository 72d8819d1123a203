"""Cases on workers in another network, as on another machine that shares the file system."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import run
from tests.made.cluster import count_tries

OWN_NETWORK = ("unshare", "--user", "--map-root-user", "--net")


@pytest.mark.slow
def test_a_worker_that_dies_in_another_network_costs_one_second_try(tmp_path: Path) -> None:
    if not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        pytest.skip("no util-linux or no iproute2")
    probe = [*OWN_NETWORK, "ip", "link", "add", "here", "type", "veth"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network of their own")
    command = [*OWN_NETWORK, sys.executable, "-m", "tests.made.networks", str(tmp_path)]
    done = run(command, tmp_path, {})
    assert done.returncode == 0, done.stderr
    here, there, results = json.loads(done.stdout)
    assert len(there) == 1
    assert there != here
    assert results == [n**2 for n in range(10)]
    tries = count_tries(tmp_path / "tries")
    assert tries == {n: 2 if n == 4 else 1 for n in range(10)}
