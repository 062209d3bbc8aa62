from __future__ import annotations

import unicodedata
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.bucket import HUNDREDTHS, bucket, multipliers, seed
from engine.domain.text import fold, nfc


@pytest.mark.parametrize(
    ("one", "other"),
    [("STRASSE", "Straße"), ("PUNE", "pune"), ("e\u0301", "É"), ("ΣΑΣ", "σας"), ("ﬁn", "FIN")],
)
def test_text_compares_without_regard_to_case_or_composition(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("e", "é"), ("i", "\u0131"), ("a%", "ab"), ("a ", "a")])
def test_accents_and_every_other_character_count(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@settings(deadline=None)
@given(st.text(max_size=8))
def test_stored_text_folds_as_given_text_does(text: str) -> None:
    assert fold(nfc(text)) == fold(text) == fold(unicodedata.normalize("NFD", text))


def test_a_seed_is_the_first_31_bits_of_sha_256() -> None:
    bits = f"{int.from_bytes(sha256(b'C-1').digest()):0256b}"
    assert seed("C-1") == int(bits[:31], 2)


def test_the_multipliers_are_the_next_two_31_bit_numbers_of_the_salt() -> None:
    bits = f"{int.from_bytes(sha256(b'spring').digest()):0256b}"
    assert multipliers("spring") == (int(bits[:31], 2) | 1, int(bits[31:62], 2))


def test_the_hash_fits_64_bits_for_every_seed() -> None:
    assert (2**31 - 1) * (2**31 - 1) + (2**31 - 1) < 2**63


def test_buckets_are_spread_evenly_and_differ_by_salt() -> None:
    seeds = [seed(f"C-{number}") for number in range(20_000)]
    tenths = Counter(bucket(one, "spring") * 10 // HUNDREDTHS for one in seeds)
    assert set(tenths) == set(range(10))
    assert all(1_800 < count < 2_200 for count in tenths.values())
    both = sum(bucket(s, "spring") < 1_000 and bucket(s, "autumn") < 1_000 for s in seeds)
    assert 140 < both < 260
