"""Reproducible segmentation of liver tumours on CT.

What a user does from Python is one call each; the functions, and the libraries behind them, load
when they are first used.

    liverseg.predict("scan.nii.gz", "predictions")          # where tumours are, and how large
    liverseg.score("references", "predictions")             # how good is that?
    liverseg.check("data/lits")                             # is a data set fit for the pipeline?
"""

from typing import TYPE_CHECKING

import liverseg.environment  # noqa: F401 (before any library that reads it)

if TYPE_CHECKING:
    from liverseg.api import check, predict, score

__all__ = ["check", "predict", "score"]

if not TYPE_CHECKING:

    def __getattr__(name):
        """The public functions, imported when one is first asked for (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from liverseg import api

        return getattr(api, name)

    def __dir__():
        return sorted({*globals(), *__all__})
