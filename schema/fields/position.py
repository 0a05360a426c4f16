"""Kind `geo`: `[lat, lon, datum, accuracy_m, by]`, all strings, so that no digit is lost on the way.

Pure. Imported by the table of kinds only. Datums and doubts: schema/coordinates.py.
"""

from __future__ import annotations

import re
import unicodedata

from schema.coordinates import doubts_about
from schema.errors import SchemaError
from schema.fields.parsed import Parsed, Setting, doubt
from schema.sheets import Field
from schema.values import Value

_NUMBER = (
    r"(-?[0-9]{1,3}(?:\.[0-9]+)?) ?(?:[°度] ?(?:([0-9]{1,2}(?:\.[0-9]+)?) ?['′’分] ?"
    r"(?:([0-9]{1,2}(?:\.[0-9]+)?) ?(?:\"|″|”|''|′′|’’|秒)?)?)?)?"
)
_SIDE = r"北纬|南纬|东经|西经|纬度|经度|latitude|longitude|lat|lon|lng|[nsew]"
_COORDINATE = re.compile(rf"(?:({_SIDE})[ :=]*{_NUMBER}|{_NUMBER} ?({_SIDE}|)(?![a-z]))")
_DATUMS = (
    ("gcj02", re.compile(r"gcj-?02|高德|腾讯|amap|火星")),
    ("bd09", re.compile(r"bd-?09|百度|baidu")),
    ("wgs84", re.compile(r"wgs-?84|gps")),
)
_FILLER = re.compile(
    r"gcj-?02|bd-?09|wgs-?84|geo:|坐标|定位|地图|高德|腾讯|百度|amap|baidu|gps|火星|[ :,;、()\[\]。/]+"
)
_LAT_SIDES = frozenset({"北纬", "南纬", "纬度", "latitude", "lat", "n", "s"})
_NEGATIVE = frozenset({"南纬", "西经", "s", "w"})


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """Two coordinates in any usual notation. Without letters it is latitude first, unless only the other way fits."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    if not plain:
        return Parsed()
    datum = next((name for name, pattern in _DATUMS if pattern.search(plain)), setting.datum)
    bare = re.sub(r"gcj-?02|bd-?09|wgs-?84|geo:", " ", plain)
    matches = list(_COORDINATE.finditer(bare))
    if len(matches) != 2:
        return Parsed({}, (doubt("unread", text.strip()),))
    (side_a, lat), (side_b, lon) = _read(matches[0]), _read(matches[1])
    gaps = (bare[: matches[0].start()], bare[matches[0].end() : matches[1].start()], bare[matches[1].end() :])
    left = _FILLER.sub("", "".join(gaps))
    if left and "." not in lat + lon:  # 3号楼2单元
        return Parsed({}, (doubt("unread", text.strip()),))
    doubts = []
    if side_a and side_b:
        if (side_a in _LAT_SIDES) == (side_b in _LAT_SIDES):
            return Parsed({}, (doubt("unread", text.strip()),))
        if side_b in _LAT_SIDES:
            lat, lon = lon, lat
    code = next(iter(doubts_about(float(lat), float(lon))), "")
    if code == "swapped":
        lat, lon = lon, lat
    if code:
        doubts.append(doubt(code, text.strip()))
    if code == "out-of-range":
        return Parsed({}, tuple(doubts))
    if left:
        doubts.append(doubt("words-left", text.strip()))
    return Parsed({"": [lat, lon, datum, "", ""]}, tuple(doubts))


def validate(element: str, value: Value, field: Field) -> None:
    if not isinstance(value, list) or len(value) != len(field.entry):
        raise SchemaError("bad-record", f"{field.id} is a list of {len(field.entry)} texts")
    lat, lon, datum, accuracy, by = value
    if not all(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", part) for part in (lat, lon)):
        raise SchemaError("bad-position", f"{field.id} is two decimal numbers")
    if abs(float(lat)) > 90 or abs(float(lon)) > 180:
        raise SchemaError("out-of-range", f"{field.id} is no place on Earth")
    _, _, datums, _, ways = field.entry
    if datum not in {option.code for option in datums.options}:
        raise SchemaError("unknown-option", f"{field.id} has no datum of this name")
    if by and by not in {option.code for option in ways.options}:
        raise SchemaError("unknown-option", f"{field.id} was found in no such way")
    if accuracy and not re.fullmatch(r"[0-9]{1,6}", accuracy):
        raise SchemaError("bad-record", f"{field.id}: accuracy is whole metres")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    if not isinstance(value, list) or len(value) < 3:
        return str(value)
    option = next((o for o in field.entry[2].options if o.code == value[2]), None)
    name = f" ({option.label(lang)})" if option and value[2] != "unknown" else ""
    return f"{value[0]}, {value[1]}{name}"


def _read(match: re.Match[str]) -> tuple[str, str]:
    side_a, degrees_a, minutes_a, seconds_a, degrees_b, minutes_b, seconds_b, side_b = match.groups()
    side = side_a or side_b or ""
    degrees = degrees_a if side_a else degrees_b
    minutes = minutes_a if side_a else minutes_b
    seconds = seconds_a if side_a else seconds_b
    if minutes is None:
        number = degrees
    else:
        whole = float(degrees.lstrip("-")) + float(minutes) / 60 + float(seconds or 0) / 3600
        number = ("-" if degrees.startswith("-") else "") + _decimal(whole)
    if side in _NEGATIVE and not number.startswith("-"):
        number = f"-{number}"
    return side, number


def _decimal(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
