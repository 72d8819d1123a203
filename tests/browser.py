"""A headless Chromium for the tests of pages, and what a page did in it.

Programs are those of Debian's packages ``chromium`` and ``chromium-driver``; nothing is fetched.
"""

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

PROGRAMS = ("chromium", "chromedriver")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--disable-dev-shm-usage",  # containers give /dev/shm 64 MB
    *("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),  # WebGL without a GPU
)
WIDTH, HEIGHT = 1280, 800


def list_missing_programs() -> list[str]:
    """Programs that are not installed; empty where pages can be tested."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Browser:
    """One window; every ``open`` begins with the standard size, a light scheme and empty logs."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, page: Path | str) -> None:
        """Load a file or a URL and wait until it is loaded."""
        self.driver.get("about:blank")
        self.resize(WIDTH, HEIGHT)
        self.prefer("light")
        self._messages: list[str] = []
        self._requests: list[str] = []
        self._read_logs()
        self._messages, self._requests = [], []
        self.driver.get(page.resolve().as_uri() if isinstance(page, Path) else page)

    def resize(self, width: int, height: int) -> None:
        """Give the page a window of this size in CSS pixels."""
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def prefer(self, scheme: Literal["light", "dark"]) -> None:
        """Set what ``prefers-color-scheme`` says; motion is always reduced, so nothing moves."""
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        self._command(
            "Emulation.setEmulatedMedia",
            features=[{"name": name, "value": value} for name, value in features.items()],
        )

    def run(self, script: str, *arguments: object) -> Any:
        """What a script returns; its arguments are ``arguments[0]`` and so on."""
        return self.driver.execute_script(script, *arguments)

    def wait_until(self, condition: str) -> None:
        """Return when an expression of the page is true; fail where it is not in 10 seconds."""
        WebDriverWait(self.driver, 10).until(lambda _: self.run(f"return {condition}"), condition)

    def find(self, selector: str) -> Any:
        """The first element of a CSS selector."""
        return self.driver.find_element("css selector", selector)

    def list_texts(self, selector: str) -> list[str]:
        """The visible texts of all elements of a CSS selector."""
        return [each.text for each in self.driver.find_elements("css selector", selector)]

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def list_errors(self) -> list[str]:
        """Errors and warnings in the console since the page was opened."""
        self._read_logs()
        return self._messages

    def list_requests(self) -> list[str]:
        """URLs asked for since the page was opened, its own first; ``data:`` and ``blob:`` not."""
        self._read_logs()
        return [url for url in self._requests if not url.startswith(("data:", "blob:"))]

    def take_screenshot(self, path: Path, *, whole_page: bool = False) -> None:
        """Write the window, or the whole page, as PNG."""
        shot = self._command("Page.captureScreenshot", captureBeyondViewport=whole_page)
        path.write_bytes(base64.b64decode(shot["data"]))

    def print_pdf(self, path: Path) -> None:
        """Write what a printer would get, A4 upright, as PDF."""
        sheet = self._command(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=False
        )
        path.write_bytes(base64.b64decode(sheet["data"]))

    def _command(self, name: str, **arguments: object) -> dict[str, Any]:
        result: dict[str, Any] = self.driver.execute_cdp_cmd(name, arguments)
        return result

    def _read_logs(self) -> None:
        """Move what happened since the last reading out of the driver."""
        self._messages += [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in {"SEVERE", "WARNING"}
        ]
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                self._requests.append(event["params"]["request"]["url"])


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """A browser with an empty folder as its profile."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
