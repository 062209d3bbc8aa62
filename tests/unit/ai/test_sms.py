"""How many SMS a text takes, by GSM 03.38 and by UCS-2."""

from __future__ import annotations

import pytest

from engine.ai.copy.sms import GSM, UCS, sms_size


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", GSM, 0, 0),
        ("a" * 160, GSM, 160, 1),
        ("a" * 161, GSM, 161, 2),
        ("a" * 306, GSM, 306, 2),
        ("a" * 307, GSM, 307, 3),
        ("é£ßΩ\n@", GSM, 6, 1),
        ("€" * 80, GSM, 160, 1),
        ("€" * 81, GSM, 162, 2),
        ("[" * 76 + "a" + "[" * 76, GSM, 305, 2),
        # 153 and 153 septets would hold 306, but an escape and its character stay together.
        ("[" * 153, GSM, 306, 3),
        ("₹" + "a" * 69, UCS, 70, 1),
        ("₹" + "a" * 70, UCS, 71, 2),
        ("न" * 134, UCS, 134, 2),
        ("न" * 135, UCS, 135, 3),
        ("🎉" * 35, UCS, 70, 1),
        # 67 is odd: the second half of the 34th pair goes with its first.
        ("🎉" * 67, UCS, 134, 3),
        ("[₹", UCS, 2, 1),
    ],
)
def test_a_text_takes_this_many_sms(text: str, encoding: str, units: int, parts: int) -> None:
    size = sms_size(text)
    assert (size.encoding, size.units, size.parts) == (encoding, units, parts)


def test_the_characters_that_gsm_lacks_are_named_once_each() -> None:
    assert sms_size("₹5 “off” ₹").beyond == "₹“”"
