"""The DVC repository around a folder, opened, with its errors as errors of the user."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo

from liverseg.errors import LiversegError


@contextmanager
def opened_repo(folder: Path) -> Iterator[Any]:
    """The ``dvc.repo.Repo`` that holds ``folder``, closed when the block ends.

    Raises:
        LiversegError: There is none, a file of it cannot be read, or another command holds it.
    """
    try:
        with Repo(str(folder)) as repo:
            yield repo
    except DvcException as error:
        raise LiversegError(
            f"{folder.resolve()}: expected a DVC repository that can be read and that no other "
            f"command holds. Received: {' '.join(str(error).split())}. Run it in the repository; "
            "where a lock file is damaged, run `liverseg mend` first."
        ) from error
