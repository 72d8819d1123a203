"""A tiny training, from the made-up data of all tests."""

from tests.made.training import job, resnet, slices

__all__ = ("job", "resnet", "slices")
