from liverseg.pages.score_tables import format_case, format_cases, format_summary
from liverseg.statistics.summary import summarize


def find_cells(text, title):
    """Cells of the row that begins with a title, without it."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    (row,) = (cells for cells in rows if cells[:1] == [title])
    return row[1:]


def test_a_case_shows_liver_and_lesion_side_by_side_and_a_dash_where_undefined(make_score):
    text = format_case(make_score("7", "1122", "1111"))
    # the lesion is missed: 0 of 2 voxels
    assert find_cells(text, "Dice") == ["1.000", "0.000"]
    assert find_cells(text, "Precision, voxels") == ["1.000", "–"]
    assert find_cells(text, "ASSD, mm") == ["0.00", "–"]
    assert find_cells(text, "HD95 with penalty, mm") == ["0.00", "4.24"]  # the root of 1 + 16 + 1
    assert "Tumour burden error: -0.5000" in text
    assert "Lesions: 1 in the reference, 0 touched; 0 predicted" in text


def test_every_figure_in_mm_comes_with_a_word_on_its_convention(make_score):
    score = make_score("7", "1122", "1122")
    summary = summarize([score], seed=1, num_bootstraps=10)
    assert "10 to 30 %" in format_case(score)
    assert "10 to 30 %" in format_summary(summary)


def test_cases_are_shown_one_a_row(make_score):
    text = format_cases([make_score("7", "1122", "1111"), make_score("long name", "1122", "1122")])
    # lesion and liver Dice; lesion ASSD, HD95 and the latter with penalty; burden; lesions of the
    # reference, predicted and matched
    missed = ["0.000", "1.000", "–", "–", "4.24", "-0.5000", "1", "0", "0"]
    perfect = ["1.000", "1.000", "0.00", "0.00", "0.00", "+0.0000", "1", "1", "1"]
    assert find_cells(text, "7") == missed
    assert find_cells(text, "long name") == perfect


def test_a_summary_shows_intervals_and_how_many_cases_they_cover(make_score):
    scores = [make_score(str(case), "1122", "1122") for case in range(6)]
    text = format_summary(summarize(scores, seed=1, num_bootstraps=10))
    assert text.startswith("6 cases: value [95 % interval over patients]")
    assert find_cells(text, "Dice, global") == ["1.000 [1.000 to 1.000]"] * 2
    assert find_cells(text, "F1") == ["1.000 [1.000 to 1.000]"]
    assert find_cells(text, "F1, > 20 mm") == ["– (n = 0)"]


def test_a_summary_says_how_many_cases_missed_or_invented_a_region(make_score):
    rows = ("1122", "1111"), ("1122", "1111"), ("1111", "1122"), ("1122", "1122")
    scores = [make_score(str(case), *pair) for case, pair in enumerate(rows)]
    text = format_summary(summarize(scores, seed=1, num_bootstraps=10))
    assert find_cells(text, "ASSD, mm") == ["0.00", "0.00 (n = 1)"]
    assert find_cells(text, "Cases with the region missed") == ["0", "2"]
    assert find_cells(text, "Cases with the region invented") == ["0", "1"]


def test_too_few_patients_are_named(make_score):
    text = format_summary(summarize([make_score("7", "12", "12")], seed=1, num_bootstraps=10))
    assert text.startswith("1 case: value (n: cases covered, where not all); too few patients")
    assert "[" not in text
