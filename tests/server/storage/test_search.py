"""Bigrams: texts to tokens, what was typed to a query."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.storage.search import fold, grams, query, runs


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", ""),
        ("，。!", ""),
        ("镇", "镇"),
        ("米河镇", "米河 河镇 镇"),
        ("米河 镇", "米河 河 镇"),
        ("ＡＢ栋", "ab b栋 栋"),
        ("142****1234", "14 42 2 12 23 34 4"),
        ("𠮷野", "𠮷野 野"),
    ],
)
def test_SO11_a_text_becomes_overlapping_pairs_and_each_runs_last_character(text: str, tokens: str) -> None:
    assert grams(text) == tokens


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("", ""),
        ("-*-", ""),
        ("张", '"张" *'),
        ("米河", '"米河"'),
        ("米河镇", '"米河 河镇"'),
        ("米河 张", '"米河" AND "张" *'),
        ('a"b OR c', '"a" * AND "b" * AND "or" AND "c" *'),
    ],
)
def test_SO11_what_is_typed_is_never_syntax(typed: str, match: str) -> None:
    assert query(typed) == match


WORDS = st.text(alphabet="米河镇三人abAＢ3 ，é한𠮷", max_size=12)


@settings(max_examples=300)
@given(texts=st.lists(WORDS, max_size=6), typed=WORDS)
def test_SO11_search_finds_exactly_the_texts_that_hold_every_run(texts: list[str], typed: str) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE VIRTUAL TABLE search USING fts5(grams, tokenize='ascii', detail=full)")
    conn.executemany("INSERT INTO search (rowid, grams) VALUES (?, ?)", list(enumerate(map(grams, texts))))
    match = query(typed)
    wanted = list(runs(fold(typed)))
    assert bool(match) == bool(wanted)
    if match:
        found = {rowid for (rowid,) in conn.execute("SELECT rowid FROM search WHERE search MATCH ?", (match,))}
        holding = {
            at for at, text in enumerate(texts) if all(any(run in own for own in runs(fold(text))) for run in wanted)
        }
        assert found == holding
    conn.close()
