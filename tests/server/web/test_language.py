"""Which language a page speaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.web import words
from server.web.language import preferred
from tests.server.web.visiting import HOME, visiting

WEB = Path(words.__file__).parent


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("en,zh", "en"),
        ("fr,de;q=0.9", "zh"),
        ("en;q=0.1,zh;q=0.9", "zh"),
        ("en;q=x", "zh"),
    ],
)
def test_wb12_the_browser_is_asked(asked: str, language: str) -> None:
    assert preferred(asked) == language


async def test_wb12_what_the_address_asks_for_is_remembered(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        first = (await browser.get(f"{HOME}/")).text
        assert '<html lang="zh-CN">' in first and "我要求助" in first
        asked = (await browser.get(f"{HOME}/?lang=en")).text
        assert '<html lang="en">' in asked and "I need help" in asked
        assert "I need help" in (await browser.get(f"{HOME}/")).text
        assert "我要求助" in (await browser.get(f"{HOME}/?lang=zh")).text


async def test_wb12_a_cache_is_told_what_the_language_hangs_on(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        vary = (await browser.get(f"{HOME}/")).headers["vary"]
    assert {"Accept-Language", "Cookie"} <= set(vary.split(", "))


async def test_wb12_the_way_to_the_other_language_keeps_what_was_asked_for(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        page = (await browser.get(f"{HOME}/help/", params={"q": "水", "over": "1"})).text
    assert 'href="?q=%E6%B0%B4&amp;over=1&amp;lang=en"' in page


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    sources = [path for path in WEB.rglob("*") if path.suffix in (".py", ".html") and path.name != "words.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    unused = [key for key in words.WORDS if not re.search(rf"[\"']{key}[\"']", text) and not _made(key)]
    assert not unused
    named = set(re.findall(r"\bt\(\s*[\"'](\w+)[\"']\s*[,)]", text)) | set(re.findall(r"say\(\s*[\"'](\w+)[\"']", text))
    assert named <= set(words.WORDS)


def test_both_languages_fill_the_same_places() -> None:
    for key, (zh, en) in words.WORDS.items():
        assert zh and en, key
        assert set(re.findall(r"{(\w+)}", zh)) == set(re.findall(r"{(\w+)}", en)), key


def _made(key: str) -> bool:
    """Keys put together when the page is made."""
    return key.startswith(("group_", "role_", "origin_", "protect_", "emergency_"))
