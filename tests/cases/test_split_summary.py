"""The summary of a split counts patients, cases and lesions by role."""

from liverseg.cases.split_summary import summarise_split
from liverseg.tables.split import CaseRole


def test_each_role_has_a_line(make_case):
    cases = [
        make_case("1", "p", lesion_ml=30.0),
        make_case("2", "p", lesion_ml=60.0),
        make_case("3", "q", lesion_ml=0.0, num_lesions=0),
    ]
    roles = [
        CaseRole("1", "p", "train", None),
        CaseRole("2", "p", "train", None),
        CaseRole("3", "q", "test", None),
    ]
    lines = [line.split() for line in summarise_split(cases, roles).splitlines()]
    assert lines[1:] == [
        ["train", "1", "2", "0", "90.0", "3.0%"],  # 90 of 2 * 1500 ml
        ["validation", "0", "0", "0", "0.0", "0.0%"],
        ["test", "1", "1", "1", "0.0", "0.0%"],
    ]
