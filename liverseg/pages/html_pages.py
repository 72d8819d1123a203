"""HTML pages: their frame, the policy that keeps them to themselves, and what is written in."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from liverseg.names import encode_name
from liverseg.outputs import whole_file
from liverseg.pages.colours import PALETTE
from liverseg.pages.markdown import format_count, format_number

NOT_CLINICAL = "Not for clinical use. Not a medical device."
"""Stands on everything that people look at."""

ASSETS = "assets"
"""Of a package: the folder of its templates, styles and scripts."""


@dataclass(frozen=True)
class PageKind:
    """What pages of one kind consist of.

    Attributes:
        package: Whose assets they are.
        scripts: Names of the scripts that are written into the page, in their order.
        with_inline_styles: A script writes styles of its own, as Plotly does.
        filters: Of its templates, besides ``number`` and ``count``.
    """

    package: str
    scripts: tuple[str, ...] = ()
    with_inline_styles: bool = False
    filters: Mapping[str, Any] = field(default_factory=dict)

    def render(
        self, template: str, *, connect: Literal["'none'", "'self'"] = "'none'", **content: Any
    ) -> Iterator[str]:
        """A page in pieces, so that large files in it are never joined in memory.

        Texts are escaped, names of files to the last byte; a value that is ``Markup`` is not.

        Args:
            template: One that extends ``frame.html``.
            connect: Where the scripts may fetch from.
            content: What the template shows.
        """
        scripts = [Markup(read_asset(self.package, name)) for name in self.scripts]
        palette = "".join(f"--{name}:{colour};" for name, colour in PALETTE.items())
        style = Markup(f":root{{{palette}}}\n{read_asset(self.package, 'page.css')}")
        styles = None if self.with_inline_styles else style
        policy = _build_policy(scripts, styles, connect)
        return self._environment.get_template(template).generate(
            **content, policy=policy, style=style, scripts=scripts, not_clinical=NOT_CLINICAL
        )

    @property
    def _environment(self) -> Environment:
        packages = (self.package, "liverseg.pages")
        environment = Environment(
            loader=ChoiceLoader([PackageLoader(package, ASSETS) for package in packages]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_encode,
        )
        environment.filters |= {"number": format_number, "count": format_count, **self.filters}
        return environment


def write_html(path: Path, pieces: Iterable[str]) -> None:
    """Write a page, whole or not at all."""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)


def read_asset(package: str, name: str) -> str:
    """The text of a file among the assets of a package."""
    return resources.files(package).joinpath(ASSETS, name).read_text(encoding="utf-8")


def embed(content: bytes, media_type: str) -> Markup:
    """A file as the address of itself, for an image in the page."""
    return Markup(f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}")


def _encode(value: object) -> object:
    """What templates show: names of files as UTF-8 can hold them, see ``encode_name``."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return encode_name(value)
    return value


def _build_policy(scripts: Sequence[str], style: str | None, connect: str) -> Markup:
    """Nothing but what lies in the page; of styles any where none is given."""
    rules = {
        "default-src": "'none'",
        "connect-src": connect,
        "img-src": "data: blob:",
        "style-src": _hash_inline(style) if style else "'unsafe-inline'",
        "script-src": " ".join(map(_hash_inline, scripts)) or "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return Markup("; ".join(f"{name} {sources}" for name, sources in rules.items()))


def _hash_inline(text: str) -> str:
    """The source expression by which a content security policy lets an inline element pass."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
