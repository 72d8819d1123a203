"""Errors that a user can mend."""

import pickle

from liverseg.errors import DataError, LiversegError, ModelError, ParamsError

ERROR = DataError("case 7", expected="one", received="two", next_step="Take one.")


def test_a_data_error_names_subject_expectation_finding_and_next_step():
    assert str(ERROR) == "case 7: expected one. Received: two. Take one."


def test_a_data_error_comes_whole_out_of_another_process():
    copy = pickle.loads(pickle.dumps(ERROR))
    assert type(copy) is DataError
    assert str(copy) == str(ERROR)
    assert (copy.subject, copy.next_step) == ("case 7", "Take one.")


def test_every_kind_is_caught_as_one():
    for kind in (DataError, ModelError, ParamsError):
        assert issubclass(kind, LiversegError)
