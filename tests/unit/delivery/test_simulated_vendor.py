"""The simulated vendor: a seeded share fails, and the same message always ends the same way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.delivery.vendors.simulated import REASONS, SimulatedVendor
from engine.delivery.vendors.vendor import Outgoing
from engine.domain.campaign import Channel

MESSAGES = [
    Outgoing(
        key=f"{number:024x}",
        channel=Channel.SMS,
        customer_id=f"c{number}",
        address=None,
        subject="",
        body="x",
    )
    for number in range(20_000)
]


def vendor(seed: int = 0, failure_rate: float = 0.1) -> SimulatedVendor:
    return SimulatedVendor(seed=seed, failure_rate=failure_rate, latency_ms=0)


def test_about_the_share_that_was_asked_for_fails_for_every_reason() -> None:
    reasons = Counter(outcome.reason for outcome in vendor().send(MESSAGES))
    sent = reasons.pop(None)
    assert 0.89 < sent / len(MESSAGES) < 0.91
    assert set(reasons) == set(REASONS[Channel.SMS])
    assert min(reasons.values()) > len(MESSAGES) * 0.1 / len(reasons) * 0.8


def test_every_channel_fails_for_reasons_of_its_own() -> None:
    for channel in Channel:
        sent = [replace(one, channel=channel) for one in MESSAGES[:2_000]]
        assert {one.reason for one in vendor().send(sent)} - {None} == set(REASONS[channel])


def test_each_message_has_an_id_of_its_own_or_a_reason() -> None:
    outcomes = vendor().send(MESSAGES)
    assert all((one.vendor_message_id is None) != (one.reason is None) for one in outcomes)
    ids = [one.vendor_message_id for one in outcomes if one.vendor_message_id]
    assert len(set(ids)) == len(ids)


def test_sending_again_ends_as_before_in_any_order() -> None:
    together = vendor().send(MESSAGES[:100])
    assert vendor().send(MESSAGES[:100]) == together
    assert [vendor().send([one])[0] for one in reversed(MESSAGES[:100])] == together[::-1]


def test_the_same_customers_fail_for_the_same_reasons_under_other_keys() -> None:
    first = [one.reason for one in vendor().send(MESSAGES[:1_000])]
    later = [replace(one, key=f"{number:024x}") for number, one in enumerate(MESSAGES[:1_000], 9)]
    assert [one.reason for one in vendor().send(later)] == first
    assert [one.reason for one in vendor(seed=1).send(MESSAGES[:1_000])] != first
    by_email = [replace(one, channel=Channel.EMAIL) for one in MESSAGES[:1_000]]
    assert [one.reason for one in vendor().send(by_email)] != first


@pytest.mark.parametrize(("rate", "failed"), [(0.0, 0), (1.0, 1_000)])
def test_none_and_all_are_exact(rate: float, failed: int) -> None:
    outcomes = vendor(failure_rate=rate).send(MESSAGES[:1_000])
    assert sum(one.reason is not None for one in outcomes) == failed


def test_it_says_that_a_call_may_take_longer_than_its_latency() -> None:
    slow = SimulatedVendor(seed=0, failure_rate=0, latency_ms=60_000)
    assert slow.longest_send > timedelta(seconds=60)
