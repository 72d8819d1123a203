import pytest

from liverseg.statistics import score_table
from liverseg.statistics.case_columns import list_figures
from liverseg.statistics.score_table import OF_A_CASE, SCORES


def test_every_figure_of_a_case_that_is_declared_is_measured(make_score):
    assert set(OF_A_CASE) <= set(list_figures(make_score("7", "1122", "1112")))


def test_names_in_flat_files_are_told_apart():
    columns = [score.column for score in SCORES.values()]
    assert len(set(columns)) == len(columns)
    voxels, lesions = SCORES["lesion.recall"], SCORES["lesions.recall"]
    assert (voxels.column, lesions.column) == ("lesion_recall", "lesions_recall")


@pytest.mark.parametrize(
    "name", ["HEADLINE", "OF_EACH_MODEL", "VOLUMES", "LESION_BY_LESION", "BY_SIZE", "DRAWN"]
)
def test_what_is_shown_is_declared(name):
    assert set(getattr(score_table, name)) <= set(SCORES)


def test_a_row_for_regions_or_sizes_is_a_score_of_each():
    titles = [SCORES[f"{region}.assd_mm"].title for region in ("liver", "lesion")]
    assert titles == ["Liver ASSD, mm", "Lesion ASSD, mm"]
    labels = [SCORES[f"lesions.{size}.f1"].label for size in ("small", "medium", "large")]
    assert labels == ["F1, < 10 mm", "F1, 10 to 20 mm", "F1, > 20 mm"]


def test_every_score_is_wished_high_or_low_or_is_a_plain_count():
    wishes = {score.better for score in SCORES.values() if not score.is_count}
    assert wishes == {"higher", "lower", "nearer to 0"}


def test_one_word_of_the_glossary_has_one_meaning():
    meanings = {}
    for score in SCORES.values():
        assert meanings.setdefault(score.term, score.meaning) == score.meaning
