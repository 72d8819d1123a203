"""Every kind of page that is written, and what they have in common."""

import base64
import hashlib
import os
import re
from html import unescape
from importlib import resources
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from liverseg.evaluation.evaluate import evaluate_results
from liverseg.evaluation.page.page import write_page as write_evaluation
from liverseg.evaluation.results import Inputs, read_results
from liverseg.pages.colours import PALETTE
from liverseg.params import MODEL_NAMES, EvaluateParams
from liverseg.scans.report.writing import write_reports
from liverseg.viewing.page import build_page, build_way, write_page
from liverseg.viewing.scene import build_scene
from tests.made.chain import write_run
from tests.made.predictions import write_prediction

LATIN_1 = os.fsdecode(b"caf\xe9")  # as a disk of the nineties has it
KINDS = ["report", "list of reports", "evaluation", "viewer", "served viewer", "way to it"]
INLINE = re.compile(r"<(script|style)( [^>]*)?>(.*?)</\1>", re.DOTALL)


def build_evaluation(root: Path) -> str:
    write_run(root)
    models, scores = (
        tuple(root / each / name for name in MODEL_NAMES) for each in ("models", "scores")
    )
    data = root / "data"
    inputs = Inputs(models, scores, data / "slices", data / "split.csv", data / "cases.csv")
    params = EvaluateParams(seed=1, num_bootstraps=100)
    write_evaluation(root / "index.html", evaluate_results(read_results(inputs), params), params)
    return (root / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A page of each kind; of a scan where one has a name, it is in no UTF-8."""
    root = tmp_path_factory.mktemp("pages")
    report = write_prediction(root / "out" / LATIN_1) / "report.html"
    scan = (root / "out" / "scan.nii.gz").rename(root / f"{LATIN_1}.nii.gz")
    index = write_reports(root / "out", None, None).path
    scene = build_scene(scan, [])
    write_page(root / "view.html", scene)
    return {
        "report": report.read_text(encoding="utf-8"),
        "list of reports": index.read_text(encoding="utf-8"),
        "evaluation": build_evaluation(root / "run"),
        "viewer": (root / "view.html").read_text(encoding="utf-8"),
        "served viewer": build_page(scene),
        "way to it": "".join(build_way("http://127.0.0.1:1/secret/")),
    }


def read_policy(page):
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    return dict(rule.split(" ", 1) for rule in unescape(policy).split("; "))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_passes_the_policy_but_what_lies_in_the_page(pages, kind):
    page = pages[kind]
    rules = read_policy(page)
    parts = [match.groups() for match in INLINE.finditer(page)]
    styles = [hash_text(text) for tag, _, text in parts if tag == "style"]
    scripts = [hash_text(text) for tag, typed, text in parts if tag == "script" and not typed]
    assert rules == {
        "default-src": "'none'",
        "connect-src": "'self'" if kind == "served viewer" else "'none'",
        "img-src": "data: blob:",
        # Plotly writes styles of its own
        "style-src": "'unsafe-inline'" if kind == "evaluation" else " ".join(styles),
        "script-src": " ".join(scripts) or "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    # before anything that it could forbid
    assert page.index("Content-Security-Policy") < min(map(page.index, ("<title", "<style")))


def hash_text(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_what_shows_patients_says_that_it_is_not_for_clinical_use(pages, kind):
    assert "Not for clinical use. Not a medical device." in pages[kind]


@pytest.mark.parametrize("kind", ["report", "list of reports", "viewer", "served viewer"])
def test_a_name_in_no_utf_8_stands_as_its_escape(pages, kind):
    assert r"caf\udce9" in pages[kind]


def test_a_link_to_a_name_in_no_utf_8_holds_its_bytes(pages):
    (link,) = re.findall('<a href="([^"]*)"', pages["list of reports"])
    assert unquote_to_bytes(link) == b"caf\xe9/report.html"


def test_colours_of_the_palette_stand_in_no_other_style_script_or_template():
    assets = [
        path
        for path in Path(str(resources.files("liverseg"))).rglob("assets/*")
        if path.suffix in {".css", ".html", ".js"} and ".min." not in path.name
    ]
    assert len(assets) > 10
    own = [path for path in assets if path.name != "niivue.umd.js"]
    assert [
        (path.name, colour)
        for path in own
        for colour in PALETTE.values()
        if colour in path.read_text(encoding="utf-8").lower()
    ] == []
