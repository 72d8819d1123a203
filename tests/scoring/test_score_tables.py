from liverseg.scoring.score_tables import format_case, format_cases, format_summary
from liverseg.scoring.summary import summarize


def find_line(text, title):
    """Cells of the line that begins with a title."""
    (line,) = (line for line in text.splitlines() if line.startswith(title))
    return line.removeprefix(title).split()


def test_a_case_shows_liver_and_lesion_side_by_side_and_a_dash_where_undefined(make_score):
    text = format_case(make_score("7", "1122", "1111"))
    # the lesion is missed: 0 of 2 voxels
    assert find_line(text, "Dice") == ["1.000", "0.000"]
    assert find_line(text, "Precision") == ["1.000", "-"]
    assert find_line(text, "ASSD, mm") == ["0.000", "-"]
    assert find_line(text, "Tumour burden error:") == ["-0.5000"]
    assert "Lesions: 1 in the reference, 0 touched; 0 predicted" in text


def test_every_figure_in_mm_comes_with_a_word_on_its_convention(make_score):
    score = make_score("7", "1122", "1122")
    summary = summarize([score], seed=1, num_bootstraps=10)
    assert "10 to 30 %" in format_case(score)
    assert "10 to 30 %" in format_summary(summary)


def test_cases_are_shown_one_a_row(make_score):
    text = format_cases([make_score("7", "1122", "1111"), make_score("long name", "1122", "1122")])
    # liver Dice and ASSD, lesion Dice and ASSD, reference, predicted and matched lesions, burden
    assert find_line(text, "7") == ["1.000", "0.000", "0.000", "-", "1", "0", "0", "-0.5000"]
    perfect = ["1.000", "0.000", "1.000", "0.000", "1", "1", "1", "+0.0000"]
    assert find_line(text, "long name") == perfect


def test_a_summary_shows_intervals_and_how_many_cases_they_cover(make_score):
    scores = [make_score(str(case), "1122", "1122") for case in range(6)]
    text = format_summary(summarize(scores, seed=1, num_bootstraps=10))
    assert text.startswith("6 cases: value [95 % interval over patients]")
    assert find_line(text, "Dice global  ") == ["1.000", "[1.000,", "1.000]", "(6)"] * 2
    assert find_line(text, "F1 (IoU > 0.5)") == ["1.000", "[1.000,", "1.000]", "(6)"]
    assert find_line(text, "F1, > 20 mm") == ["-", "(0)"]


def test_too_few_patients_are_named(make_score):
    text = format_summary(summarize([make_score("7", "12", "12")], seed=1, num_bootstraps=10))
    assert text.startswith("1 case: value (cases covered); too few patients")
    assert "[" not in text
