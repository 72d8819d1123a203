"""The page of the viewer, which reaches for nothing but the files that it shows."""

import base64
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

from markupsafe import Markup

from liverseg.errors import DataError
from liverseg.names import encode_name
from liverseg.pages.colours import (
    BLUE,
    BLUISH_GREEN,
    ORANGE,
    REDDISH_PURPLE,
    SKY_BLUE,
    YELLOW,
)
from liverseg.pages.html_pages import PageKind, read_asset, write_html
from liverseg.viewing.scene import Scene

PAGE = PageKind("liverseg.viewing", ("niivue.umd.js", "page.js"))

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
    """The page to be served beside ``file-0``, the scan, and masks and map ``file-1``, ..."""
    return "".join(_render(scene, connect="'self'", embedded=()))


def build_way(address: str) -> Iterator[str]:
    """A page that leads to another one."""
    return PageKind(PAGE.package).render("way.html", address=address)


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
    embedded = (Markup(base64.b64encode(content).decode()) for content in contents)
    write_html(path, _render(scene, connect="'none'", embedded=embedded))


def _render(
    scene: Scene, *, connect: Literal["'none'", "'self'"], embedded: Iterable[Markup]
) -> Iterator[str]:
    """The page, with files in it as base64 one after the other."""
    return PAGE.render(
        "page.html",
        connect=connect,
        scan=scene.scan.name,
        embedded=embedded,
        licenses=read_asset(PAGE.package, "LICENSES.txt"),
        scene=_describe(scene),
    )


def _describe(scene: Scene) -> dict[str, Any]:
    """What the script is told."""
    return {
        "scan": encode_name(scene.scan.name),
        "masks": [
            {"name": encode_name(mask.name), "liver": liver, "lesion": lesion}
            for mask, (liver, lesion) in zip(scene.masks, cycle(MASK_COLOURS), strict=False)
        ],
        "uncertainty": YELLOW if scene.uncertainty else None,
        "start_mm": scene.start_mm,
        "presets": [
            {"name": preset.name, "low": preset.low_hu, "high": preset.high_hu}
            for preset in WINDOW_PRESETS
        ],
    }


def _compress(path: Path) -> bytes:
    content = path.read_bytes()
    return content if content.startswith(b"\x1f\x8b") else gzip.compress(content, 6, mtime=0)
