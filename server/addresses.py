"""Where people can reach this server: its public address, its addresses in the local networks, links with their QR.

I/O: asks the machine for its network interfaces. Imported by `server.cli`.
"""

from __future__ import annotations

import io
from ipaddress import IPv4Address, ip_address

import ifaddr
import segno

from server.settings import Settings


def local_addresses(settings: Settings) -> list[str]:
    """Where phones in the same Wi-Fi find this machine, the likeliest first; none when it listens elsewhere."""
    listening = settings.host if settings.host != "localhost" else "127.0.0.1"
    wanted = ip_address(listening)
    found = []
    for adapter in ifaddr.get_adapters():
        for own in adapter.ips:
            if not isinstance(own.ip, str):  # IPv6: nobody types one from a poster
                continue
            address = IPv4Address(own.ip)
            if address.is_loopback or not (wanted.is_unspecified or wanted == address):
                continue
            found.append(address)
    # Link-local ones (169.254…) are what a machine gives itself when nobody gave it one: last.
    found.sort(key=lambda address: (address.is_link_local, address))
    return [f"http://{address}:{settings.port}" for address in found]


def main_address(settings: Settings) -> str:
    """The address that links and QR codes carry."""
    if settings.public_url:
        return settings.public_url
    near = local_addresses(settings)
    return near[0] if near else f"http://localhost:{settings.port}"


def join_link(settings: Settings, *, workbook: str, invite: str) -> str:
    """An invitation: the secret is in the fragment, which no browser sends and no log sees."""
    return f"{main_address(settings)}/w/{workbook}/#invite={invite}"


def terminal_qr(text: str) -> str:
    """A QR code of half blocks: light on a dark terminal, inverted on a light one; cameras read both."""
    picture = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(picture, compact=True, border=2)
    return picture.getvalue()
