"""Words for what a file of results lacks."""

from pydantic import ValidationError


def describe_problem(error: ValidationError) -> str:
    """The first of the problems, with the key that it lies in: ``liver_ml: Field required``."""
    problem = error.errors()[0]
    key = ".".join(map(str, problem["loc"]))
    return f"{key}: {problem['msg']}" if key else problem["msg"]
