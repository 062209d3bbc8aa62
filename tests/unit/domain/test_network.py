from __future__ import annotations

import pytest

from engine.domain.network import coarse


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::5", "::/48"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("192.0.2.7:443", None),
        ("forwarded", None),
        ("", None),
        (None, None),
    ],
)
def test_others_see_a_network_and_nothing_that_is_no_address(
    address: str | None, seen: str | None
) -> None:
    assert coarse(address) == seen
