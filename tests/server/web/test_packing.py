"""Bodies packed once, in the coding the reader takes."""

from __future__ import annotations

import gzip

import brotli  # type: ignore[import-untyped]
import pytest
from starlette.requests import Request

from server.web.packing import best_coding, matches, pack, send

BODY = b"[1, 2, 3] " * 200


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "query_string": b""})


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("", ""),
        ("gzip;q=0", ""),
        ("GZIP;Q=1", "gzip"),
        ("br;q=nonsense, gzip", "gzip"),
    ],
)
def test_the_best_coding_a_reader_takes(accepted: str, coding: str) -> None:
    assert best_coding(accepted) == coding


@pytest.mark.parametrize("keep", [True, False])
def test_every_coding_holds_the_same_body(keep: bool) -> None:
    packed = pack(BODY, "application/json", keep_body=keep)
    assert brotli.decompress(send(request(accept_encoding="br"), packed, cache="no-cache").body) == BODY
    assert gzip.decompress(send(request(accept_encoding="gzip"), packed, cache="no-cache").body) == BODY
    assert send(request(), packed, cache="no-cache").body == BODY


def test_a_small_body_goes_as_it_is() -> None:
    answer = send(request(accept_encoding="br"), pack(b"{}", "application/json"), cache="no-cache")
    assert answer.body == b"{}" and "content-encoding" not in answer.headers


def test_wb16_who_has_it_already_is_answered_304() -> None:
    packed = pack(BODY, "application/json")
    answer = send(request(if_none_match=f'"other", {packed.etag}'), packed, cache="no-cache")
    assert answer.status_code == 304 and answer.body == b"" and answer.headers["etag"] == packed.etag
    assert send(request(if_none_match='"other"'), packed, cache="no-cache").status_code == 200


def test_the_same_body_is_the_same_bytes_whenever_it_is_packed() -> None:
    assert pack(BODY, "a/b") == pack(BODY, "a/b")


def test_etags_are_compared_weakly() -> None:
    assert matches('"a"', 'W/"a"') and matches("*", 'W/"a"') and not matches("", 'W/"a"')
