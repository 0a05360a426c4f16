"""Where people can reach the server, and the links and QR codes made of it."""

from __future__ import annotations

from types import SimpleNamespace

import ifaddr
import pytest

from server.addresses import join_link, local_addresses, main_address, terminal_qr
from server.settings import Settings

ADAPTERS = [
    SimpleNamespace(ips=[SimpleNamespace(ip="127.0.0.1"), SimpleNamespace(ip=("::1", 0, 0))]),
    SimpleNamespace(ips=[SimpleNamespace(ip="169.254.7.7")]),
    SimpleNamespace(ips=[SimpleNamespace(ip="192.168.43.1"), SimpleNamespace(ip=("fe80::1", 0, 2))]),
    SimpleNamespace(ips=[SimpleNamespace(ip="10.42.0.1")]),
]


@pytest.fixture(autouse=True)
def adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: ADAPTERS)


def test_every_address_of_the_machine_is_told_and_self_given_ones_come_last() -> None:
    assert local_addresses(Settings(port=9000)) == [
        "http://10.42.0.1:9000",
        "http://192.168.43.1:9000",
        "http://169.254.7.7:9000",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_behind_a_proxy_tells_none(host: str) -> None:
    assert local_addresses(Settings(host=host)) == []
    assert main_address(Settings(host=host)) == "http://localhost:8000"


def test_a_server_on_one_address_tells_that_one() -> None:
    assert local_addresses(Settings(host="10.42.0.1")) == ["http://10.42.0.1:8000"]
    assert local_addresses(Settings(host="::1")) == []


def test_the_public_address_goes_before_the_local_ones() -> None:
    assert main_address(Settings()) == "http://10.42.0.1:8000"
    assert main_address(Settings(public_url="https://sheet.example")) == "https://sheet.example"


def test_an_invitation_carries_its_secret_in_the_fragment() -> None:
    link = join_link(Settings(public_url="https://sheet.example"), workbook="rescue", invite="s" * 22)
    assert link == "https://sheet.example/w/rescue/#invite=" + "s" * 22


def test_the_qr_code_fits_a_terminal() -> None:
    lines = terminal_qr("https://sheet.example/w/rescue/#invite=" + "s" * 22).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
