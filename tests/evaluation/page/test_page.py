"""The page as a file: whole, stable, and safe with what it did not write itself."""

import hashlib
import re
from html.parser import HTMLParser
from importlib import resources

import pytest

from liverseg.errors import DataError
from liverseg.evaluation.page.page import PAGE, write_page
from tests.evaluation.page.conftest import PARAMS
from tests.made.chain import HOSTILE_ID


class Page(HTMLParser):
    """Elements by tag, and the texts of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self._is_script = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._is_script = tag == "script" and "type" not in dict(attrs)

    def handle_data(self, data):
        (self.scripts if self._is_script else self.texts).append(data)

    def handle_endtag(self, tag):  # noqa: ARG002 (the name is that of the parser)
        self._is_script = False


@pytest.fixture(scope="module")
def html(page):
    return page.read_text(encoding="utf-8")


def test_the_same_evaluation_gives_the_same_bytes(page, evaluation, tmp_path):
    write_page(tmp_path / "again.html", evaluation, PARAMS)
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_the_page_names_no_place_and_no_day(html, evaluation):
    own = html.replace(Page(html).scripts[0], "")  # without Plotly
    assert str(evaluation.results.slices.parent) not in own
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", own) is None


def test_a_hostile_case_id_is_text_wherever_it_stands(html):
    page = Page(html)
    assert HOSTILE_ID not in html
    assert HOSTILE_ID in page.texts
    assert len(page.scripts) == 5


def test_plotly_is_that_of_its_publisher():
    """SHA-256 of ``plotly-basic.min.js`` in npm's plotly.js-basic-dist-min 4.1.1."""
    script = resources.files(PAGE.package).joinpath("assets", "plotly-basic.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() == (
        "99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba"
    )


def test_nothing_is_linked_but_places_in_the_page(html):
    elements = Page(html).elements
    addresses = [
        value
        for _, attributes in elements
        for name, value in attributes.items()
        if name in {"href", "src", "action", "srcset", "xlink:href"}
    ]
    assert addresses
    assert all(address.startswith(("#", "data:")) for address in addresses)
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {address[1:] for address in addresses if address.startswith("#")} <= set(ids)
    described = {each["aria-describedby"] for _, each in elements if "aria-describedby" in each}
    assert described <= set(ids)


def test_a_model_without_its_causes_is_an_error_and_the_older_page_stays(page, evaluation):
    before = page.read_bytes()
    causes = evaluation.results.models[0].folder / "causes.json"
    content = causes.read_bytes()
    causes.unlink()
    try:
        with pytest.raises(DataError, match=r"causes\.json"):
            write_page(page, evaluation, PARAMS)
    finally:
        causes.write_bytes(content)
    assert page.read_bytes() == before
