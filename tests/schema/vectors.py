"""The golden vectors of schema/vectors, as pytest parameters. The browser's tests read the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import schema

FOLDER = Path(schema.__file__).parent / "vectors"


def cases(file: str, part: str, *, rule: str = "") -> list[Any]:
    """The vectors of one part of a file, those of one rule if it is named. A part without any is a mistake."""
    found = [
        pytest.param(case, id=" ".join(case[key] for key in ("field", "why") if key in case))
        for case in json.loads((FOLDER / file).read_text(encoding="utf-8"))[part]
        if rule in ("", case["rule"])
    ]
    assert found, f"{file} has no {part} of {rule}"
    return found
