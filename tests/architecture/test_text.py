"""Nothing in the tracked files ties them to one machine or names a real person's telephone."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import texts

# Mobile prefixes that no operator was given, so nobody's telephone can stand in a fixture.
FIXTURE_PREFIXES = ("142", "143", "154", "161", "163", "169", "179")

MOBILE = re.compile(r"(?<![\w.])(?:\+?86[- ]?)?(1[3-9]\d)([- ]?)\d{4}\2\d{4}(?!\w)")
LANDLINE = re.compile(r"(?<![\w.-])0(?:10|2\d|[3-9]\d{2})[- ][2-8]\d{6,7}(?![\w-])")
IDENTITY = re.compile(r"(?<!\w)[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\w)")

# Written in two halves, so that this file is not one of its own findings.
MACHINE = ("/work" + "/", "/root" + "/", "/home" + "/", "/Users" + "/")
REGISTRY = (
    "registry.npmjs" + ".org",
    "pypi" + ".org/",
    "pythonhosted" + ".org",
    "deb.debian" + ".org",
    "registry.yarnpkg" + ".com",
)


def test_no_tracked_file_names_a_folder_of_this_machine() -> None:
    assert not [f"{name}: {word}" for name, text in texts() for word in MACHINE if word in text]


def test_no_tracked_file_names_a_registry() -> None:
    assert not [f"{name}: {word}" for name, text in texts() for word in REGISTRY if word in text]


def test_no_tracked_file_holds_a_telephone_that_could_ring() -> None:
    assert not [f"{name}: {found}" for name, text in texts() for found in real_numbers(text)], (
        f"fixture phones start with {', '.join(FIXTURE_PREFIXES)}"
    )


@pytest.mark.parametrize(
    ("head", "tail"),
    [("138", "00000001"), ("+86 138", "-0000-0001"), ("0371", "-65555123"), ("410105", "194912310021")],
)
def test_the_search_would_find_one(head: str, tail: str) -> None:
    """Each kind of number, put together here so that no file holds it."""
    assert real_numbers(f"call {head + tail}, please")


@pytest.mark.parametrize("prefix", FIXTURE_PREFIXES)
def test_the_search_lets_fixtures_pass(prefix: str) -> None:
    assert not real_numbers(f"call {prefix}{'0' * 8} or 110, at 1626784740000 ms")


def real_numbers(text: str) -> list[str]:
    """Every telephone or identity number in a text that could be somebody's."""
    mobiles = [found[0] for found in MOBILE.finditer(text) if found[1] not in FIXTURE_PREFIXES]
    return mobiles + LANDLINE.findall(text) + IDENTITY.findall(text)
