"""What the words in one cell say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.imports.cells import (
    Calendar,
    is_blank,
    is_day_first,
    read_number,
    read_outcome,
    read_people,
    read_time,
    read_urgency,
    read_verify,
    read_yes_no,
    years_in,
)

CHINA = Calendar(2021, False, 480)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("5", 5),
        ("约5人", 5),
        ("５人", 5),
        ("5人左右", 5),
        ("12（含老人1小孩2）", 12),
        ("5人（其中2名儿童）", 5),
        ("一家三口", 3),
        ("大人2小孩1", 3),
        ("2大1小", 3),
        ("1老2小", 3),
        ("3+2", 5),
        ("两人", 2),
        ("夫妻俩", 2),
        ("二十三人", 23),
        ("二十多人", 20),
        ("30余人", 30),
        ("2-3人", 3),
        ("大约五六十人", 60),
        ("200+", 200),
        ("3户12人", 12),
        ("孕妇1人,婴儿1人", 2),
        ("5大3小共8人", 8),
        ("8人,3个孩子", 8),
        ("1,200", 1200),
        ("30 people", 30),
        ("about 15", 15),
        ("12.0", 12),
    ],
)
def test_im14_people_are_counted(text: str, total: int) -> None:
    people = read_people(text)
    assert people is not None
    assert people.total == total


@pytest.mark.parametrize("text", ["几十人", "若干", "全村", "200 families", "老人小孩", "见备注", "一百二十户"])
def test_im14_what_gives_no_number_of_people_gives_none(text: str) -> None:
    assert read_people(text) is None


def test_im14_who_they_are_is_read_too() -> None:
    people = read_people("12（含老人1小孩2）")
    assert people is not None
    assert people.parts == {"elderly": 1, "children": 2}


def test_im14_more_than_a_number_is_said_to_be_more() -> None:
    people = read_people("3-5人")
    assert people is not None
    assert people.rest


@given(st.integers(0, 99_999))
def test_a_number_reads_back_in_digits(number: int) -> None:
    assert read_number(str(number)) == number
    assert read_number(f"{number:,}") == number


@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_number_reads_back_in_chinese(hundreds: int, tens: int, ones: int) -> None:
    digits = "零一二三四五六七八九"
    text = digits[hundreds] + "百"
    text += (digits[tens] + "十" if tens else "零" if ones else "") + (digits[ones] if ones else "")
    assert read_number(text) == hundreds * 100 + tens * 10 + ones


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader(text: str) -> None:
    read_people(text)
    read_time(text, CHINA)
    read_urgency(text)
    read_verify(text)
    read_outcome(text)
    is_blank(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("非常紧急！！", "critical"),
        ("特急", "critical"),
        ("十万火急", "critical"),
        ("红", "critical"),
        ("较紧急", "urgent"),
        ("急！", "urgent"),
        ("橙色", "urgent"),
        ("Urgent", "urgent"),
        ("不太急", "normal"),
        ("不紧急", "normal"),
        ("普通", "normal"),
        ("未知", "unknown"),
        ("见备注", None),
        ("急诊", None),
    ],
)
def test_im16_urgency_is_read(text: str, code: str | None) -> None:
    assert read_urgency(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("√", "verified"),
        ("是", "verified"),
        ("YES", "verified"),
        ("已核实 志愿者小王", "verified"),
        ("否", "unverified"),
        ("未核实", "unverified"),
        ("待核实", "unverified"),
        ("没有确认", "unverified"),
        ("打不通", "unreachable"),
        ("没打通", "unreachable"),
        ("空号", "unreachable"),
        ("核实中", "in_progress"),
        ("不实信息", "false_report"),
        ("部分核实", "partly"),
        ("志愿者小王", None),
    ],
)
def test_im18_verification_is_read(text: str, code: str | None) -> None:
    assert read_verify(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("已获救", "rescued"),
        ("已全部转移", "rescued"),
        ("未获救", "open"),
        ("没有获救", "open"),
        ("等待救援", "open"),
        ("救援中", "working"),
        ("失联", "lost_contact"),
        ("自行脱险", "self_safe"),
        ("无需救援", "not_needed"),
        ("重复", "duplicate"),
        ("部分转移", "partial"),
        ("遇难", "deceased"),
        ("等待回复", None),
    ],
)
def test_im17_an_outcome_is_read_and_a_denied_one_is_not(text: str, code: str | None) -> None:
    assert read_outcome(text) == code


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-07-20 20:59", "2021-07-20T12:59:00Z"),
        ("07/20 21点01分", "2021-07-20T13:01:00Z"),
        ("07月20日21:01", "2021-07-20T13:01:00Z"),
        ("7月20日晚9点半", "2021-07-20T13:30:00Z"),
        ("2021/7/20 下午3:05", "2021-07-20T07:05:00Z"),
        ("7.20 21:05", "2021-07-20T13:05:00Z"),
        ("2021年7月21日凌晨1点20分", "2021-07-20T17:20:00Z"),
        ("2021-07-20T20:59:00Z", "2021-07-20T20:59:00Z"),
        ("2021-07-20 20:59:00+08:00", "2021-07-20T12:59:00Z"),
        ("20 Jul 2021 9:05 pm", "2021-07-20T13:05:00Z"),
        ("44397.5", "2021-07-20T04:00:00Z"),
        ("28/06/2010 23:06", "2010-06-28T15:06:00Z"),
        ("20日21时", None),
        ("21:05", None),
        ("昨天", None),
        ("2021-13-40", None),
        ("7月20日25点", None),
    ],
)
def test_im19_times_are_read_in_china(text: str, moment: str | None) -> None:
    assert read_time(text, CHINA) == moment


def test_im19_day_and_month_are_ordered_as_the_column_shows() -> None:
    assert is_day_first(["05/07/2010", "28/06/2010"]) is True
    assert is_day_first(["05/07/2010", "06/28/2010"]) is False
    assert is_day_first(["05/07/2010"]) is None
    assert read_time("05/07/2010 17:26", Calendar(None, True, 0)) == "2010-07-05T17:26:00Z"
    assert read_time("05/07/2010 17:26", Calendar(None, False, 0)) == "2010-05-07T17:26:00Z"


def test_im19_a_day_without_a_year_needs_one_from_elsewhere() -> None:
    assert read_time("7月20日 8:00", Calendar(None, True, 480)) is None
    assert years_in(["河南2021年暴雨", "7月20日"]) == [2021]


@pytest.mark.parametrize(("text", "answer"), [("√", True), ("是", True), ("×", False), ("无", False), ("也许", None)])
def test_yes_and_no_are_read(text: str, answer: bool | None) -> None:
    assert read_yes_no(text) is answer
