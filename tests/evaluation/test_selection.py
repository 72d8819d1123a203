import pytest

from liverseg.evaluation.selection import select_model

BEST = (90, 80, 70, 60, 50, 40)
# Twice 3 higher, four times 2 lower: 1/3 of a per cent lower on average, the interval holds 0.
TIED = (93, 83, 68, 58, 48, 38)
# 11 to 16 lower, every one.
WORSE = (79, 68, 57, 46, 35, 24)


@pytest.fixture
def select(result, scores_of_dice, params):
    def select(**models):
        """Each model by its Dice on validation and what of its description differs."""
        results = [
            result(name, scores_of_dice(*dices), scores_of_dice(50), **changes)
            for name, (dices, changes) in models.items()
        ]
        return select_model(results, params)

    return select


def test_the_best_is_taken_where_no_other_ties_with_it_whatever_it_costs(select):
    selection = select(
        simple_cnn=(WORSE, {"macs_per_slice": 1}), unet=(BEST, {"macs_per_slice": 10**12})
    )
    assert selection.final.model == "unet"
    assert [candidate.is_tied for candidate in selection.candidates] == [True, False]


def test_of_the_models_that_tie_with_the_best_the_cheapest_is_taken(select):
    selection = select(
        simple_cnn=(WORSE, {"macs_per_slice": 1}),
        unet=(BEST, {"macs_per_slice": 3}),
        resnet=(TIED, {"macs_per_slice": 2}),
    )
    assert selection.best.description.model == "unet"
    assert [candidate.description.model for candidate in selection.tied] == ["unet", "resnet"]
    assert selection.final.model == "resnet"


def test_between_equal_multiply_accumulates_the_number_of_parameters_decides(select):
    selection = select(unet=(BEST, {"num_parameters": 11}), resnet=(TIED, {"num_parameters": 10}))
    assert selection.final.model == "resnet"


def test_the_difference_to_the_best_is_paired_by_case(select):
    selection = select(unet=(BEST, {}), resnet=(TIED, {}))
    # (3 + 3 - 2 - 2 - 2 - 2) / 6 per cent
    assert selection.candidates[1].to_best.mean_difference == pytest.approx(-0.01 / 3)


def test_with_fewer_than_six_patients_the_best_value_is_taken_without_a_test(select):
    selection = select(
        unet=(BEST[:5], {}), resnet=(tuple(dice - 1 for dice in BEST[:5]), {"macs_per_slice": 1})
    )
    assert selection.final.model == "unet"
    assert selection.tied == selection.candidates[:1]


def test_of_equal_values_of_too_few_patients_the_cheaper_is_taken(select):
    selection = select(unet=((90,), {}), resnet=((90,), {"macs_per_slice": 1}))
    assert selection.final.model == "resnet"


def test_two_scans_of_one_patient_are_one_patient(score, result, params):
    validation = tuple(
        score(str(number), (100, 100, 50), patient_id=f"{number // 2}") for number in range(10)
    )
    selection = select_model([result("unet", validation, validation)], params)
    assert (selection.num_cases, selection.num_patients) == (10, 5)


def test_a_model_alone_is_taken_and_has_no_rivals(select):
    selection = select(resnet=(WORSE, {}))
    assert selection.final.model == "resnet"
    assert selection.rivals == ()


def test_test_cases_have_no_part_in_the_choice(result, scores_of_dice, params):
    results = [
        result("unet", scores_of_dice(*BEST), scores_of_dice(*WORSE)),
        result("resnet", scores_of_dice(*WORSE), scores_of_dice(*BEST)),
    ]
    selection = select_model(results, params)
    assert selection.final.model == "unet"
    (rival,) = selection.rivals
    # All six ranks on one side, by either role: 2 of 2^6 orders of signs are as extreme.
    assert rival.validation.p_value == pytest.approx(2 / 64)
    assert rival.test.p_value == pytest.approx(2 / 64)
    assert rival.validation.mean_difference == pytest.approx(0.135)
    assert rival.test.mean_difference == pytest.approx(-0.135)
