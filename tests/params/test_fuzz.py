"""Whatever stands in params.yaml, it is Params or a ParamsError, in bounded time and memory.

Ten thousand inputs a test: see tests/volumes/test_nifti_fuzz.py.
"""

import copy
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import event, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from liverseg.errors import ParamsError
from liverseg.params import Params, read_params
from tests.bounds import bounded
from tests.made.params_file import SHIPPED

NUM_INPUTS = max(300, settings().max_examples)
SECONDS, MEBIBYTES = 10, 256
TEXT = SHIPPED.read_text(encoding="utf-8")
CONTENT = YAML(typ="safe", pure=True).load(TEXT)
SNIPPETS = (
    *("&a ", "*a", "<<: *a\n", "!!set ", "!!binary ", "!!python/object:os.system ", "!!int ''"),
    *("? ", "- ", ": ", "\n", "\n  ", "\t", "[", "]", "{", "}", "'", '"', "#", "|", ">", "---"),
    *("2024-01-01", "0x", "0o9", "1e999", ".nan", "-.inf", "1_0", "9" * 5000, "~", "null", "yes"),
    *("\\ud800", "\ufeff", "\x00", "é", "all", "unet"),
)
snippets = st.sampled_from(SNIPPETS) | st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


def check(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "params.yaml")
        path.write_bytes(content)
        with bounded(SECONDS, MEBIBYTES):
            try:
                assert isinstance(read_params(path), Params)
                event("read")
            except ParamsError:
                event("refused")


@given(
    st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 40), snippets), max_size=3),
)
@settings(max_examples=NUM_INPUTS)
def test_the_shipped_file_with_any_changes_is_params_or_a_named_error(changes):
    text = TEXT
    for place, num_removed, snippet in changes:
        text = text[:place] + snippet + text[place + num_removed :]
    check(text.encode("utf-8", "surrogatepass"))


@given(st.data())
@settings(max_examples=NUM_INPUTS)
def test_any_value_under_any_key_is_params_or_a_named_error(data):
    content = copy.deepcopy(CONTENT)
    for _ in range(data.draw(st.integers(1, 3))):
        section = content
        key = data.draw(st.sampled_from(sorted(section)))
        while isinstance(section[key], dict) and section[key] and data.draw(st.booleans()):
            section = section[key]
            key = data.draw(st.sampled_from(sorted(section)))
        section[key if data.draw(st.integers(0, 9)) else data.draw(st.text())] = data.draw(values)
    check(json.dumps(content).encode())  # which is YAML


@given(st.binary(max_size=200) | st.lists(snippets, max_size=20).map("".join))
@settings(max_examples=NUM_INPUTS)
def test_any_bytes_are_params_or_a_named_error(content):
    check(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
