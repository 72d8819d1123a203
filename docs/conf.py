"""The docs as a site, see ``make docs``: a link that leads nowhere fails; no network is used."""

from pathlib import Path

from sphinx.application import Sphinx
from typer.main import get_command
from typer.testing import CliRunner

from liverseg.cli import app as verbs

project = "liverseg"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
nb_execution_mode = "off"  # the notebook shows what docs/run_tutorial.py kept
html_theme = "furo"
html_title = "liverseg"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["notebook.css"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
napoleon_use_ivar = True

COLUMNS = "80"
"""Of a terminal in which the help is shown."""


def setup(application: Sphinx) -> None:
    """Called by Sphinx before it reads the pages."""
    application.connect("builder-inited", lambda built: write_commands(Path(built.srcdir)))
    application.connect("source-read", begin_with_readme)


def begin_with_readme(application: Sphinx, page: str, source: list[str]) -> None:
    """Put the README, whose links begin at the root of the project, on the first page."""
    if page == application.config.root_doc:
        readme = (Path(application.srcdir).parent / "README.md").read_text(encoding="utf-8")
        here = readme.replace("](docs/", "](").replace("](metrics/", "](path:../metrics/")
        source[0] = f"{here}\n{source[0]}"


def write_commands(docs: Path) -> None:
    """Write the help of every verb, word for word, as a page."""
    names = get_command(verbs.app).list_commands(None)
    parts = ["# Commands\n", _show_help(), *(f"## {name}\n\n{_show_help(name)}" for name in names)]
    (docs / "reference/commands.md").write_text("\n".join(parts), encoding="utf-8")


def _show_help(*words: str) -> str:
    shown = CliRunner().invoke(
        verbs.app, [*words, "--help"], prog_name="liverseg", env={"COLUMNS": COLUMNS}
    )
    return f"```text\n{shown.output.rstrip()}\n```\n"
