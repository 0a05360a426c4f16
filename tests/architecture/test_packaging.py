"""The flat rooms stay ours, and what is written twice agrees: pins, versions, pictures, links."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT, tracked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAX_PICTURE_BYTES = 200_000  # the README opens on a phone


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_other_distribution_owns_a_room(room: str) -> None:
    owners = set(packages_distributions().get(room, []))
    assert owners <= {"rescue-sheet"}, f"{room} also belongs to {owners}"
    spec = importlib.util.find_spec(room)
    assert spec is not None and spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT / room)


def test_the_constraints_hold_every_pin_of_the_project() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    held = {_pin(line) for line in lines if line and not line.startswith("#")}
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    missing = {pin for pin in wanted if _pin(pin) not in held}
    assert not missing, f"run make constraints: {sorted(missing)}"


def test_every_dependency_is_pinned() -> None:
    for pin in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*", pin), pin


def test_the_newest_version_in_the_changelog_is_the_one_in_the_code() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert versions and versions[0] == PROJECT["version"]


def test_the_readme_shows_pictures_that_a_phone_can_load() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"(?:\]\(|src=\")(docs/images/[^)\"]+)", readme)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size <= MAX_PICTURE_BYTES, picture


def test_every_link_between_our_pages_leads_somewhere() -> None:
    broken = set()
    for page in tracked():
        if page.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (page.parent / target).exists():
                broken.add(f"{page.relative_to(ROOT)} -> {target}")
    assert not broken


def _pin(line: str) -> tuple[str, str]:
    name, _, version = line.partition("==")
    return re.sub(r"\[.*\]|[-_.]+", lambda m: "" if m[0][0] == "[" else "-", name).lower(), version
