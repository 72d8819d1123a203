"""What `make bench` rests on: contenders in processes of their own, and tables between marks."""

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.__main__ import BENCHMARKS, MARK, PAGE, replace_tables
from benchmarks.contest import Run, format_contest

REPOSITORY = Path(__file__).resolve().parent.parent

CONTEST = """
import argparse, os, sys, time
from benchmarks.contest import Contender, add_contest_flags, hold_contest

def prepare(flags):
    taken = bytearray(int(flags.only == "a large one") * 300 * 2**20 + 1)
    taken[::4096] = bytes(len(taken[::4096]))
    def work():
        assert os.sched_getaffinity(0) == set(flags.cores), "not pinned"
        if flags.only == "a broken one":
            raise ValueError("no such file")
        time.sleep(0.9 if flags.only == "a slow one" else 0.3)
    return work

parser = argparse.ArgumentParser()
parser.add_argument("names", nargs="+")
add_contest_flags(parser, rounds=1)
flags = parser.parse_args()
contenders = {name: Contender(prepare) for name in flags.names}
contenders["an absent one"] = Contender(prepare, "no_such_package")
hold_contest(contenders, flags)
"""


def hold(script: Path, *names: str) -> subprocess.CompletedProcess[str]:
    script.write_text(CONTEST, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(script), "liverseg", *names],
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_contender_is_timed_and_weighed_in_a_process_of_its_own(tmp_path):
    done = hold(tmp_path / "contest.py", "a slow one", "a large one")
    assert done.returncode == 0, done.stderr
    rows = {
        name: cells
        for name, *cells in (
            [cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()
        )
    }
    assert rows["liverseg"][1] == rows["liverseg"][3] == "1.00 (1.00 to 1.00)"
    assert float(rows["a slow one"][0]) >= 0.9
    assert float(rows["a large one"][3].split()[0]) > 3
    assert "an absent one is left out: no_such_package is not installed" in done.stderr


def test_a_contender_that_fails_ends_the_contest_with_its_message(tmp_path):
    done = hold(tmp_path / "contest.py", "a broken one")
    assert done.returncode == 1
    assert "ValueError: no such file" in done.stderr
    assert not done.stdout


def test_ratios_are_those_of_the_same_round():
    ours, theirs = [Run(1, 100), Run(2, 100), Run(4, 100)], [Run(3, 50), Run(4, 150), Run(4, 400)]
    table = format_contest({"liverseg": ours, "another": theirs})
    last = [cell.strip() for cell in table.splitlines()[-1].split("|")[1:-1]]
    assert last == ["another", "4.00", "2.00 (1.00 to 3.00)", "150", "1.50 (0.50 to 4.00)"]


def test_a_table_replaces_the_one_between_its_marks_and_nothing_else():
    page = "a\n<!-- one -->\nold\n<!-- /one -->\nb\n<!-- two -->\n<!-- /two -->\n"
    assert replace_tables(page, {"two": "| new |"}) == page.replace(
        "<!-- two -->\n", "<!-- two -->\n| new |\n"
    )
    assert "old" not in replace_tables(page, {"one": "| new |"})


def test_the_page_has_a_place_for_every_benchmark():
    page = (REPOSITORY / PAGE).read_text(encoding="utf-8")
    tables = {name: table for _, name, table, _ in MARK.findall(page)}
    assert tables.keys() == BENCHMARKS.keys()
    assert all("| ---" in table and " voxels." in table for table in tables.values())
    scripts = set(re.findall(r"`benchmarks/(\w+)\.py`", page))
    assert scripts == set(BENCHMARKS)
    assert all((REPOSITORY / "benchmarks" / f"{name}.py").exists() for name in scripts)
