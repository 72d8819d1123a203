"""What all HTML pages have in common: a warning, and files that are written into them."""

import base64
import hashlib
from importlib import resources

NOT_CLINICAL = "Not for clinical use. Not a medical device."
"""Stands on everything that people look at."""


def read_asset(package: str, name: str) -> str:
    """The text of a file in the folder ``assets`` of a package."""
    return resources.files(package).joinpath("assets", name).read_text(encoding="utf-8")


def hash_inline(text: str) -> str:
    """The source expression by which a content security policy lets an inline element pass."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
