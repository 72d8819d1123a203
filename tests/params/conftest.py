"""Params files to read."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.made.params_file import REMOVED, SHIPPED


@pytest.fixture
def change(tmp_path):
    """Write the shipped params with some values changed, by dotted key."""

    def write(values: dict[str, Any]) -> Path:
        yaml = YAML(typ="safe", pure=True)
        content = yaml.load(SHIPPED.read_text(encoding="utf-8"))
        for key, value in values.items():
            *sections, name = key.split(".")
            section = content
            for each in sections:
                section = section[each]
            section[name] = value
            if value is REMOVED:
                del section[name]
        path = tmp_path / "params.yaml"
        yaml.dump(content, path)
        return path

    return write


@pytest.fixture
def write(tmp_path):
    """Write a params file of one's own."""

    def write_bytes(content: bytes) -> Path:
        path = tmp_path / "params.yaml"
        path.write_bytes(content)
        return path

    return write_bytes
