"""The browser of the tests sees what a page does."""

PAGE = """<!doctype html><title>x</title><link rel="icon" href="data:,">
<style>p { color: black } @media (prefers-color-scheme: dark) { p { color: white } }</style>
<p>text</p><button onclick="console.error('pressed')">b</button><img src="missing.png">
"""


def test_errors_and_requests_of_a_page_are_seen_and_forgotten_with_the_next(browser, tmp_path):
    page, other = tmp_path / "page.html", tmp_path / "other.html"
    page.write_text(PAGE, encoding="utf-8")
    other.write_text("<!doctype html>", encoding="utf-8")
    browser.open(page)
    browser.press("\t", "\n")
    missing, pressed = browser.list_errors()
    assert "missing.png" in missing
    assert "pressed" in pressed
    assert browser.list_requests() == [page.as_uri(), (tmp_path / "missing.png").as_uri()]

    browser.open(other)
    assert browser.list_errors() == []
    assert browser.list_requests() == [other.as_uri()]


def test_the_colour_scheme_can_be_chosen_and_is_light_again_in_the_next_page(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    colour = "return getComputedStyle(document.querySelector('p')).color"
    browser.open(page)
    browser.prefer("dark")
    assert browser.run(colour) == "rgb(255, 255, 255)"
    browser.open(page)
    assert browser.run(colour) == "rgb(0, 0, 0)"
