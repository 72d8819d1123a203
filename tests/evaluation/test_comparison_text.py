import pytest

from liverseg.evaluation.comparison_tables import build_comparison_tables
from liverseg.evaluation.comparison_text import describe_comparison
from liverseg.evaluation.figures import summarize_results


def find_cells(text, model, title):
    """Cells by column of a model's row in the table beneath a title."""
    lines = text[text.index(title) :].splitlines()[2:]
    columns = [cell.strip() for cell in lines[0].split("|")[2:-1]]
    row = next(line for line in lines if line.startswith(f"| {model} "))
    return dict(zip(columns, [cell.strip() for cell in row.split("|")[2:-1]], strict=True))


@pytest.fixture
def describe(result, results, params):
    def describe(test, *models):
        run = results(*(result(model, test, test) for model in models or ("unet",)))
        figures = summarize_results(run, params)
        return describe_comparison(build_comparison_tables(figures), figures, params)

    return describe


def test_the_training_log_shows_the_kept_epoch_and_dashes_for_what_is_undefined(
    describe, scores_of_dice
):
    text = describe(scores_of_dice(50))
    assert find_cells(text, "U-Net", "Training log") == {
        "Accuracy": "0.9960",
        "Precision": "0.7500",
        "Val Loss": "0.0125",
        "Val Accuracy": "0.9950",
        "Val Precision": "–",
        "Learning Rate": "0.0005",
        "Kept epoch": "3 of 4",
    }
    assert find_cells(text, "all background", "Training log") == {
        "Accuracy": "0.9900",
        "Precision": "–",
        "Val Loss": "–",
        "Val Accuracy": "0.9800",
        "Val Precision": "–",
        "Learning Rate": "–",
        "Kept epoch": "–",
    }


def test_cases_without_any_lesion_leave_dashes_not_zeros(describe, score):
    text = describe(tuple(score(str(number), (0, 0, 0)) for number in range(7)))
    cells = find_cells(text, "U-Net", "whole volumes")
    assert cells["Lesion Dice, per case"] == "1.000 [1.000 to 1.000]"
    assert cells["Lesion Dice, cases with lesion"] == "– (n = 0)"
    assert cells["Lesion ASSD, mm"] == "– (n = 0)"
    lesions = find_cells(text, "U-Net", "lesion by lesion")
    assert lesions["Recall"] == lesions["Precision"] == lesions["F1"] == "– (n = 0)"
    assert lesions["False positives per case"] == "0.00 [0.00 to 0.00]"


def test_an_interval_stands_beside_a_figure_of_six_patients(describe, scores_of_dice):
    cells = find_cells(describe(scores_of_dice(*[50] * 6)), "U-Net", "whole volumes")
    assert cells["Lesion Dice, global"] == "0.500 [0.500 to 0.500]"


def test_five_patients_have_no_interval_and_are_said_to_be_too_few(describe, scores_of_dice):
    text = describe(scores_of_dice(*[50] * 5))
    assert find_cells(text, "U-Net", "whole volumes")["Lesion Dice, per case"] == "0.500"
    assert "5 test cases of 5 patients: too few patients (fewer than 6) for intervals" in text


def test_the_cost_of_a_model_is_shown_and_all_background_has_none(describe, scores_of_dice):
    text = describe(scores_of_dice(50))
    assert list(find_cells(text, "U-Net", "Cost").values()) == [
        *("2.000", "1,000", "random", "float32")
    ]
    assert set(find_cells(text, "all background", "Cost").values()) == {"–"}


def test_the_notes_say_what_accuracy_and_surface_distances_are_worth(describe, scores_of_dice):
    text = describe(scores_of_dice(50))
    assert "lesion covers 2 % of the validation pixels" in text  # all background: 0.98
    assert "differ by 10 to 30 %" in text


def test_every_model_has_a_row_in_the_order_of_the_run(describe, scores_of_dice):
    text = describe(scores_of_dice(50), "simple_cnn", "unet", "resnet")
    names = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    assert names[:6] == [
        "Model",
        "--------------",
        "Simple CNN",
        "U-Net",
        "ResNet",
        "all background",
    ]
