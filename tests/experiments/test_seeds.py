import pytest

from liverseg.errors import DataError
from liverseg.experiments.pool import Axis
from liverseg.experiments.pool_report import format_pool, write_pool
from liverseg.experiments.pool_scores import score_pool
from liverseg.experiments.seeds import pool_seeds, select_seeds
from tests.made.experiments import build_row, build_seed_run

CASES = ("1", "2", "3", "4", "5", "6")


def build_three_seeds():
    """Six patients; under the second seed every case is 0.1 better, under the third 0.2."""
    return [
        build_seed_run(seed, [build_row(case, case, 0.5 + seed / 10) for case in CASES])
        for seed in (3, 1, 2)
    ]


def refuse(runs, model=None):
    with pytest.raises(DataError) as error:
        pool_seeds(runs, model)
    return str(error.value)


def test_a_score_is_the_mean_over_seeds_and_its_spread_their_standard_deviation():
    pool = pool_seeds(build_three_seeds())
    assert (pool.axis, [part.number for part in pool.parts]) == (Axis.SEED, [1, 2, 3])
    dice = score_pool(pool, seed=1, num_bootstraps=200)[0]
    assert dice.parts == pytest.approx((0.6, 0.7, 0.8))
    assert dice.pooled.value == pytest.approx(0.7)
    assert dice.spread == pytest.approx(0.1)


def test_a_drawn_patient_comes_with_the_tests_of_all_seeds():
    """All patients alike: whoever is drawn, the mean over the seeds is the same."""
    dice = score_pool(pool_seeds(build_three_seeds()), seed=1, num_bootstraps=200)[0]
    assert (dice.pooled.low, dice.pooled.high) == pytest.approx((0.7, 0.7))


def test_the_text_counts_cases_and_patients_once():
    pool = pool_seeds(build_three_seeds())
    text = format_pool(pool, score_pool(pool, seed=1, num_bootstraps=200))
    assert text.startswith("U-Net: 3 seeds, 6 cases of 6 patients, each tested once a seed")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    assert ["3", "seed-3", "0000000", "6", "6"] in cells
    rows = {row[0]: row[1:] for row in cells if row}
    assert rows["score"] == ["all", "95 % interval", "n", "seed 1", "seed 2", "seed 3", "SD"]
    assert rows["Lesion Dice, per case"][2:] == ["18", "0.600", "0.700", "0.800", "0.100"]


def test_the_json_names_seeds(tmp_path):
    pool = pool_seeds(build_three_seeds())
    write_pool(tmp_path / "seeds.json", pool, score_pool(pool, seed=1, num_bootstraps=200))
    text = (tmp_path / "seeds.json").read_text()
    assert '"num_seeds": 3' in text
    assert '"seed": 2' in text
    assert "fold" not in text


def test_one_experiment_is_no_comparison_of_seeds():
    message = refuse(build_three_seeds()[:1])
    assert "expected at least 2 experiments. Received: seed-3." in message
    assert "dvc exp run --queue -S train.seed=1,2,3" in message


def test_a_doubled_seed_is_refused():
    runs = [*build_three_seeds(), build_seed_run(2, [build_row("1", "1")], "again")]
    assert "seed 2: expected one experiment. Received: 2: seed-2, again." in refuse(runs)


def test_another_difference_than_the_seed_is_refused():
    runs = build_three_seeds()
    rows = runs[0].rows.to_dict("records")
    runs[0] = build_seed_run(3, rows, models__unet__filters="24")
    message = refuse(runs)
    assert "expected params that differ in train.seed alone" in message
    assert "models.unet.filters is 24 in seed-3 and 16 in seed-1, seed-2" in message


def test_other_test_cases_are_refused():
    runs = build_three_seeds()
    runs[0] = build_seed_run(3, runs[0].rows.to_dict("records")[1:])
    message = refuse(runs)
    assert message.startswith("experiment seed-3: expected the test cases of seed-1")
    assert "others: 1 in one of them alone" in message


def test_by_default_those_with_the_named_model_are_taken():
    runs = [*build_three_seeds(), build_seed_run(4, [build_row("1", "1", model="resnet")])]
    assert [run.seed for run in select_seeds(runs, "unet")] == [3, 1, 2]
    assert len(select_seeds(runs, None)) == 4
