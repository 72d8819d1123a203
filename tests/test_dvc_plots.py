"""The page of ``dvc plots`` by the repository's template, which needs no network."""

import hashlib
import re
import shutil
import subprocess

import numpy as np
import pytest
from dvc_render.vega import VegaRenderer
from PIL import Image

from tests.conftest import REPOSITORY

TEMPLATE = REPOSITORY / ".dvc" / "plots" / "offline.html"
# of build/NAME.min.js in npm's vega 5.20.2, vega-lite 5.2.0 and vega-embed 6.18.2
PUBLISHED = [
    "4794d0169cb1f3ebad8117fe98ba5bd652dd725905ec0384e832391dbccb03be",
    "d73157451b3978015ab31dacd55ff90d986ab8663fc0abed50f97b3cd90002cb",
    "1ba9826431ddc9805e815ad92acc811c819f2bfd32bda2a128b8c4b5070fab5e",
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Of a curve, in a repository with the settings of this one."""
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["dvc", "init", "--no-scm", "--quiet"], cwd=root, check=True)
    shutil.copy(REPOSITORY / ".dvc" / "config", root / ".dvc")
    shutil.copytree(TEMPLATE.parent, root / ".dvc" / "plots", dirs_exist_ok=True)
    subprocess.run(["dvc", "config", "core.no_scm", "true"], cwd=root, check=True)
    (root / "curve.csv").write_text("epoch,loss\n1,0.5\n2,0.25\n", encoding="utf-8")
    subprocess.run(["dvc", "plots", "show", "curve.csv"], cwd=root, check=True)
    return root / "dvc_plots" / "index.html"


def test_plots_are_drawn_and_nothing_is_asked_for_but_the_page(browser, page, tmp_path):
    browser.open(page)
    browser.wait_until("document.querySelector('.vega-embed canvas, .vega-embed svg')")
    assert browser.list_requests() == [page.as_uri()]
    browser.take_screenshot(tmp_path / "plots.png")
    colours = np.asarray(Image.open(tmp_path / "plots.png").convert("RGB")).reshape(-1, 3)
    assert (np.ptp(colours.astype(int), axis=1) > 50).sum() > 200  # a coloured line; axes are grey


def test_the_scripts_are_those_of_their_publisher_in_the_versions_that_dvc_asks_for():
    scripts = re.findall("<script>(.*?)</script>", TEMPLATE.read_text(encoding="utf-8"), re.DOTALL)
    assert [hashlib.sha256(script.encode()).hexdigest() for script in scripts] == PUBLISHED
    asked = re.findall('npm/(vega.*)@(.*)"', VegaRenderer.SCRIPTS)
    named = re.findall(r"(vega[a-z-]*) ([0-9.]+[0-9])", TEMPLATE.read_text(encoding="utf-8")[:800])
    assert named == asked
