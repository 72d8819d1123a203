import pytest

from liverseg.errors import DataError
from liverseg.slices.regions import CaseRegion, Region, read_regions, write_regions

LOCATED = CaseRegion("007", "located", Region(3, 20, -5, 12, 90, 80), 0.9995)
WHOLE = CaseRegion("b", "scan", None, None)


def test_regions_come_back_from_their_table(tmp_path):
    write_regions(tmp_path / "regions.csv", [LOCATED, WHOLE])
    assert read_regions(tmp_path / "regions.csv") == {"007": LOCATED, "b": WHOLE}


@pytest.mark.parametrize(
    ("old", "new"), [("located", "guessed"), (",20,", ",twenty,"), (",3,20,", ",,20,")]
)
def test_a_table_that_was_changed_by_hand_is_refused_with_its_case(tmp_path, old, new):
    path = tmp_path / "regions.csv"
    write_regions(path, [LOCATED, WHOLE])
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataError, match="007") as caught:
        read_regions(path)
    assert "dvc repro locate" in str(caught.value)
