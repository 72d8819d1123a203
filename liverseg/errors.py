"""What a user can mend: bad params, bad data, a missing piece of the set-up.

Every message names the thing (a case, a key, a file), what was expected, what was received and the
next step. A stage and the command line print the message and exit with code 2; any other exception
is a bug and keeps its traceback.
"""

import errno
from collections.abc import Callable, Collection

EXIT_CODE = 2


class LiversegError(Exception):
    """A problem that the user can mend; its text is complete and needs no traceback."""


class ParamsError(LiversegError):
    """One or more values of params.yaml cannot be used."""


class DataError(LiversegError):
    """A case, a file or a folder cannot be used.

    Args:
        subject: The case or the file, as the user knows it.
        expected: What was expected of it.
        received: What was found instead.
        next_step: What the user can do about it.
    """

    def __init__(self, subject: str, *, expected: str, received: str, next_step: str) -> None:
        super().__init__(f"{subject}: expected {expected}. Received: {received}. {next_step}")
        self.subject = subject
        self.expected = expected
        self.received = received
        self.next_step = next_step

    def __reduce__(self) -> tuple[Callable[..., "DataError"], tuple[str, str, str, str]]:
        """Rebuild it from its parts in another process."""
        return _rebuild, (self.subject, self.expected, self.received, self.next_step)


def _rebuild(subject: str, expected: str, received: str, next_step: str) -> DataError:
    return DataError(subject, expected=expected, received=received, next_step=next_step)


def require_choice(name: str, value: object, choices: Collection[object]) -> None:
    """Check what was chosen.

    Args:
        name: Of what is chosen.
        value: What was.
        choices: What there is.

    Raises:
        DataError: It is none of the choices.
    """
    if value not in choices:
        raise DataError(
            name,
            expected=f"one of {', '.join(map(repr, choices))}",
            received=repr(value),
            next_step="Choose one of them.",
        )


def build_missing_extra(subject: str, extra: str, module: str | None) -> LiversegError:
    """The error for what needs packages that the project does not bring by itself.

    Args:
        subject: What the user asked for.
        extra: Its name in pyproject.toml.
        module: Which was not found.
    """
    return LiversegError(
        f"{subject}: expected the packages of the extra {extra}. Received: no module {module}. "
        f'Install them: pip install "liverseg[{extra}]", in a clone of the project '
        f'pip install -e ".[{extra}]"'
    )


class ModelError(LiversegError):
    """A model, or the weights that it starts from, cannot be used."""


_DISK_PROBLEMS = {
    errno.ENOSPC: "Free some space",
    errno.EDQUOT: "Free some space",
    errno.EFBIG: "Allow larger files (`ulimit -f`)",
    errno.EROFS: "Make the folder writable",
    errno.EACCES: "Make it readable and the folder writable",
    errno.EPERM: "Make it readable and the folder writable",
    errno.ENOENT: "Bring back what was removed",
    errno.EEXIST: "Name another place, or move away what is there",
    errno.ENOTDIR: "Name a place none of whose folders is a file",
    errno.ENAMETOOLONG: "Choose a shorter name",
    errno.EIO: "Look at the disk",
    errno.ENOTSUP: "Put a regular file there",
}


def describe_os_error(error: OSError) -> str | None:
    """What the disk refused and what to do; None for what is no problem of the disk."""
    if error.errno not in _DISK_PROBLEMS:
        return None
    subject = error.filename or "the disk"
    text = " ".join((error.strerror or str(error)).split())
    return f"{subject}: {text}. {_DISK_PROBLEMS[error.errno]}, then run the same command again."
