import pytest

from liverseg.params import TrainOverrides
from liverseg.training.job import apply_overrides


@pytest.mark.parametrize("overrides", [{}, {"epochs": 99, "liver_free_fraction": 0.0}])
def test_a_model_takes_over_only_the_values_that_it_names(job, overrides):
    own = apply_overrides(job.train, TrainOverrides(**overrides))
    assert own == job.train.model_copy(update=overrides)
