"""Network addresses, as far as they are looked at: what tells callers apart, and a coarse form."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

IPV6_NETWORK = 64
"""Bits of an IPv6 address that tell callers apart: the others are one caller's to choose."""
COARSE = {4: 24, 6: 48}
"""Bits by version that are left of an address which others may see."""


def network(address: str) -> str:
    """Return what of an address tells callers apart; the address itself where it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 - the version's name
        return address
    return str(ip_network((found, IPV6_NETWORK), strict=False))


def coarse(address: str | None) -> str | None:
    """Return the network that an address is in, which is many people's; None where it is none.

    This machine's own address is nobody's, and stays.
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if found.version == 6 and found.ipv4_mapped is not None:  # noqa: PLR2004 - the version's name
        found = found.ipv4_mapped
    if found.is_loopback:
        return str(found)
    return str(ip_network((found, COARSE[found.version]), strict=False))
