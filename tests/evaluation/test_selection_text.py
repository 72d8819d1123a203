import pytest

from liverseg.evaluation.selection import select_model
from liverseg.evaluation.selection_text import describe_selection, state_verdict

BEST = (90, 80, 70, 60, 50, 40)
TIED = (93, 83, 68, 58, 48, 38)
WORSE = (79, 68, 57, 46, 35, 24)


@pytest.fixture
def select(result, scores_of_dice, params):
    def select(**models):
        results = [
            result(name, scores_of_dice(*dices), scores_of_dice(*dices), macs_per_slice=macs)
            for name, (dices, macs) in models.items()
        ]
        return select_model(results, params)

    return select


def test_a_pinned_model_is_said_to_be_pinned(select, params):
    text = describe_selection(select(unet=(BEST, 1)), params)
    assert "U-Net is the final model because it is the only one of this run" in text
    assert "on 6 validation cases of 6 patients is 0.650" in text
    assert "|" not in text


def test_a_clear_winner_is_said_to_have_no_ties(select, params):
    text = describe_selection(select(unet=(BEST, 2), simple_cnn=(WORSE, 1)), params)
    assert text.startswith("# Final model: U-Net\n\nU-Net is the final model: it has the highest")
    assert "no other ties with it" in text
    assert "the test cases had no part in the choice" in text
    assert "200 replicates, seed 1" in text


def test_a_cheaper_model_that_ties_is_said_to_be_the_cheapest(select):
    verdict = state_verdict(select(unet=(BEST, 2), resnet=(TIED, 1)))
    assert verdict.startswith("ResNet is the final model: U-Net has the highest")
    assert verdict.endswith("ResNet cannot be told from it, and ResNet is the cheapest of them.")


def test_a_best_model_that_is_cheapest_too_names_those_that_tie_with_it(select):
    verdict = state_verdict(select(unet=(BEST, 1), resnet=(TIED, 2)))
    assert verdict.startswith("U-Net is the final model")
    assert verdict.endswith("the cheapest of those that tie with it (ResNet).")


def test_too_few_patients_are_said_to_be_too_few_and_no_tie_is_claimed(select, params):
    text = describe_selection(select(unet=(BEST[:5], 2), resnet=(TIED[:5], 1)), params)
    assert "too few patients (fewer than 6)" in text
    assert "The best value was taken, without interval or test." in text
    assert "yes" not in text
    assert "[" not in text


def test_the_table_of_rivals_shows_p_on_validation_and_on_test(select, params):
    text = describe_selection(select(unet=(BEST, 2), simple_cnn=(WORSE, 1)), params)
    row = text.splitlines()[-1]
    # Differences of 11 to 16 per cent, all of one sign: p = 2 / 64.
    assert row.startswith("| Simple CNN")
    assert row.count("+0.135") == 2
    assert row.count("0.031") == 2
