"""The page of the viewer: one HTML text that reaches for nothing outside itself."""

import base64
import gzip
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from string import Template
from typing import Literal

from liverseg.errors import DataError
from liverseg.outputs import whole_file
from liverseg.reporting.colours import (
    BLUE,
    BLUISH_GREEN,
    ORANGE,
    REDDISH_PURPLE,
    SKY_BLUE,
    YELLOW,
)
from liverseg.reporting.html_pages import NOT_CLINICAL, hash_inline, read_asset
from liverseg.viewing.scene import Scene

PACKAGE = "liverseg.viewing"

NIIVUE_VERSION = "0.69.0"
"""Of ``assets/niivue.umd.js``: ``dist/niivue.umd.js`` of the npm package ``@niivue/niivue``."""

LARGEST_EMBEDDED_BYTES = 256 * 2**20
"""Of all files once compressed. Chromium's strings end at 512 MiB, and base64 adds a third."""


@dataclass(frozen=True)
class WindowPreset:
    """A range of HU, from black to white."""

    name: str
    low_hu: float
    high_hu: float


# Level and width 90/200 in the portal venous phase, where a liver has about 100 HU; the others are
# the usual 50/400, -600/1500 and 400/1800 (Radiopaedia, "Windowing (CT)").
WINDOW_PRESETS = (
    WindowPreset("Liver", -10, 190),
    WindowPreset("Soft tissue", -150, 250),
    WindowPreset("Lung", -1350, 150),
    WindowPreset("Bone", -500, 1300),
)

# Liver and lesion of the first, second and third mask, then again from the first.
MASK_COLOURS = ((SKY_BLUE, ORANGE), (BLUISH_GREEN, REDDISH_PURPLE), (BLUE, YELLOW))


def build_page(scene: Scene) -> str:
    """The page to be served beside ``file-0``, the scan, and the masks ``file-1``, ..."""
    return "".join(_build_parts(scene, connect="'self'", embedded=iter(())))


def write_page(path: Path, scene: Scene) -> None:
    """Write the page with its files in it, whole or not at all.

    Raises:
        DataError: The compressed files are larger than ``LARGEST_EMBEDDED_BYTES``.
    """
    contents = [_compress(file) for file in scene.files]
    num_bytes = sum(map(len, contents))
    if num_bytes > LARGEST_EMBEDDED_BYTES:
        raise DataError(
            str(path),
            expected=f"files of at most {LARGEST_EMBEDDED_BYTES / 2**20:.0f} MiB once compressed",
            received=f"{num_bytes / 2**20:.0f} MiB",
            next_step="Browsers cannot hold more in a page: leave out --html to serve them.",
        )
    embedded = (
        f'<script type="text/plain" id="file-{number}">{base64.b64encode(content).decode()}'
        "</script>\n"
        for number, content in enumerate(contents)
    )
    with whole_file(path) as partial, partial.open("w", encoding="utf-8") as file:
        file.writelines(_build_parts(scene, connect="'none'", embedded=embedded))


def _build_parts(
    scene: Scene, *, connect: Literal["'none'", "'self'"], embedded: Iterator[str]
) -> Iterator[str]:
    """The page in pieces, so that large files are never joined in memory."""
    style, niivue, script = (
        read_asset(PACKAGE, name) for name in ("page.css", "niivue.umd.js", "page.js")
    )
    policy = (
        f"default-src 'none'; connect-src {connect}; img-src data:; "
        f"style-src {hash_inline(style)}; script-src {hash_inline(niivue)} {hash_inline(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    head, tail = read_asset(PACKAGE, "page.html").split("$files\n")
    values = {
        "policy": policy,
        "warning": NOT_CLINICAL,
        "title": html.escape(scene.scan.name),
        "style": style,
        "licenses": html.escape(read_asset(PACKAGE, "LICENSES.txt")),
        "scene": _describe(scene),
        "niivue": niivue,
        "script": script,
    }
    yield Template(head).substitute(values)
    yield from embedded
    yield Template(tail).substitute(values)


def _describe(scene: Scene) -> str:
    """JSON for the script; no ``<`` in it can end the element that holds it."""
    content = {
        "scan": scene.scan.name,
        "masks": [
            {"name": mask.name, "liver": liver, "lesion": lesion}
            for mask, (liver, lesion) in zip(scene.masks, cycle(MASK_COLOURS), strict=False)
        ],
        "start_mm": scene.start_mm,
        "presets": [
            {"name": preset.name, "low": preset.low_hu, "high": preset.high_hu}
            for preset in WINDOW_PRESETS
        ],
    }
    return json.dumps(content).replace("<", "\\u003c")


def _compress(path: Path) -> bytes:
    content = path.read_bytes()
    return content if content.startswith(b"\x1f\x8b") else gzip.compress(content, 6, mtime=0)
