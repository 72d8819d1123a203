"""The command line, a file a group of verbs; importing them registers them.

Libraries load inside the verbs, so that ``liverseg --help`` answers at once.
"""

from liverseg.cli import (
    check,
    compare,
    experiments,
    export,
    import_,
    params,
    predict,
    report,
    repository,
    score,
    serve,
    spread,
    view,
)
from liverseg.cli.app import main

__all__ = [
    "check",
    "compare",
    "experiments",
    "export",
    "import_",
    "main",
    "params",
    "predict",
    "report",
    "repository",
    "score",
    "serve",
    "spread",
    "view",
]
