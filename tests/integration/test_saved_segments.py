"""Saved segments: one name each, and no save over a save that was not seen."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from pymongo.collection import Collection
from pymongo.errors import ServerSelectionTimeoutError

from engine.domain.campaign import Channel, Message
from engine.domain.rule_codec import decode
from engine.errors import (
    Conflict,
    CrmError,
    InvalidInput,
    NotFound,
    RuleError,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.crm import Crm
    from engine.domain.segment import Segment

EVERYONE = decode({"version": 1, "rule": {"all": []}})
NOBODY = decode({"version": 1, "rule": {"any": []}})
UNKNOWN = decode({"version": 1, "rule": {"field": "shoe_size", "op": "is_set"}})


def saved(crm: Crm, name: str = "Loyal", over: Segment | None = None) -> Segment:
    return crm.save_segment(
        name=name,
        description=" Who came back ",
        rule=EVERYONE if over is None else NOBODY,
        segment_id=over.segment_id if over else None,
        version=over.version if over else None,
    )


def test_a_segment_is_read_back_as_it_was_saved(crm: Crm) -> None:
    segment = saved(crm, name="  Loyal   ones ")
    assert crm.segment(segment.segment_id) == segment
    assert (segment.name, segment.description) == ("Loyal ones", "Who came back")
    assert (segment.version, segment.saved_at) == (1, crm.clock.now())
    edited = saved(crm, over=segment)
    assert crm.segment(segment.segment_id) == edited
    assert (edited.version, edited.rule) == (2, NOBODY)


def test_the_second_of_two_editors_is_told_who_was_first(crm: Crm) -> None:
    segment = saved(crm)
    saved(crm, over=segment)
    with pytest.raises(Conflict, match=r"system saved 'Loyal' as version 2.*opened version 1"):
        saved(crm, name="Mine", over=segment)
    assert crm.segment(segment.segment_id).name == "Loyal"


def test_of_editors_who_save_at_once_one_wins(crm: Crm) -> None:
    segment = saved(crm)
    together = threading.Barrier(4)
    ends: list[str] = []

    def save(name: str) -> None:
        together.wait()
        try:
            ends.append(saved(crm, name=name, over=segment).name)
        except Conflict:
            ends.append("")

    editors = [threading.Thread(target=save, args=[f"Editor {n}"]) for n in range(4)]
    for one in editors:
        one.start()
    for one in editors:
        one.join()
    winner = crm.segment(segment.segment_id)
    assert sorted(ends) == ["", "", "", winner.name]
    assert winner.version == 2


def test_a_name_is_taken_whatever_its_case(crm: Crm) -> None:
    first = saved(crm, name="Straße")
    other = saved(crm, name="Other")
    with pytest.raises(Conflict, match="named 'STRASSE' already"):
        saved(crm, name="STRASSE")
    with pytest.raises(Conflict, match="named 'strasse' already"):
        saved(crm, name="strasse", over=other)
    assert saved(crm, name="STRASSE", over=first).name == "STRASSE", "its own name is free to it"
    assert [one.name for one in crm.segments()] == ["Other", "STRASSE"]


def test_segments_come_in_the_order_of_their_names_whatever_the_case(crm: Crm) -> None:
    for name in ("beta", "Alpha", "Gamma"):
        saved(crm, name=name)
    assert [one.name for one in crm.segments()] == ["Alpha", "beta", "Gamma"]


def test_a_segment_that_was_changed_meanwhile_is_not_deleted(crm: Crm) -> None:
    segment = saved(crm)
    edited = saved(crm, over=segment)
    with pytest.raises(Conflict, match="changed 'Loyal' meanwhile"):
        crm.delete_segment(segment.segment_id, version=segment.version)
    crm.delete_segment(segment.segment_id, version=edited.version)
    assert crm.segments() == ()
    with pytest.raises(NotFound, match="may have been deleted"):
        crm.delete_segment(segment.segment_id, version=edited.version)
    with pytest.raises(NotFound):
        saved(crm, over=edited)


def test_a_segment_cannot_be_deleted_under_a_draft_that_is_being_saved_on_it(crm: Crm) -> None:
    message = Message(channel=Channel.SMS, subject="", body="Hi")
    ends = []
    for number in range(12):
        segment = saved(crm, name=f"S{number}")
        together = threading.Barrier(2)

        def save(segment: Segment = segment, together: threading.Barrier = together) -> None:
            together.wait()
            with suppress(NotFound):
                crm.save_campaign(name="A", segment_id=segment.segment_id, message=message)

        saving = threading.Thread(target=save)
        saving.start()
        together.wait()
        with suppress(Conflict):
            crm.delete_segment(segment.segment_id, version=1)
        saving.join()
        kept = segment.segment_id in {one.segment_id for one in crm.segments()}
        used = segment.segment_id in {one.campaign.segment_id for one in crm.campaigns()}
        assert kept == used
        ends.append(kept)
    assert len(ends) == 12


def test_a_deletion_that_meets_a_save_is_done_again_and_sees_it(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = saved(crm)
    message = Message(channel=Channel.SMS, subject="", body="Hi")
    find = Collection.find
    looked: list[list[Any]] = []

    def meet(collection: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - what find takes
        found = list(find(collection, *args, **kwargs).sort("created_at"))
        if collection.name == "campaigns" and not looked:
            looked.append(found)
            crm.save_campaign(name="A", segment_id=segment.segment_id, message=message)
            monkeypatch.undo()
        return find(collection, *args, **kwargs)

    monkeypatch.setattr(Collection, "find", meet)
    with pytest.raises(Conflict, match="used by the campaign 'A'"):
        crm.delete_segment(segment.segment_id, version=1)
    assert looked == [[]], "when it looked first, there was no campaign"
    assert crm.segment(segment.segment_id) == segment


def test_a_draft_that_cannot_be_saved_is_not_tried_for_minutes(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment, tries = saved(crm), []

    def away(*_: Any, **__: Any) -> None:  # noqa: ANN401 - whatever it takes
        tries.append(1)
        error = ServerSelectionTimeoutError("no primary")
        if len(tries) < 3:
            error._add_error_label("TransientTransactionError")  # noqa: SLF001 - as pymongo does
        raise error

    monkeypatch.setattr(Collection, "insert_one", away)
    message = Message(channel=Channel.SMS, subject="", body="Hi")
    with pytest.raises(StoreUnavailable):
        crm.save_campaign(name="A", segment_id=segment.segment_id, message=message)
    assert tries == [1]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda crm: saved(crm, name=" \t"), InvalidInput, "give the segment a name"),
        (
            lambda crm: crm.save_segment(name="A", description="x" * 2_001, rule=EVERYONE),
            InvalidInput,
            "2,001 characters",
        ),
        (
            lambda crm: crm.save_segment(name="A", description="", rule=UNKNOWN),
            RuleError,
            "shoe_size",
        ),
    ],
)
def test_what_is_wrong_is_not_saved(
    crm: Crm, call: Callable[[Crm], object], error: type[CrmError], says: str
) -> None:
    with pytest.raises(error, match=says):
        call(crm)
    assert crm.segments() == ()


def test_an_edit_that_names_no_version_is_refused_rather_than_saved_as_new(crm: Crm) -> None:
    rule = decode({"version": 1, "rule": {"all": []}})
    segment = crm.save_segment(name="A", description="", rule=rule)
    with pytest.raises(InvalidInput, match="which version of the segment"):
        crm.save_segment(name="A", description="", rule=rule, segment_id=segment.segment_id)
    message = Message(channel=Channel.SMS, subject="", body="Hi")
    draft = crm.save_campaign(name="B", segment_id=segment.segment_id, message=message)
    with pytest.raises(InvalidInput, match="which version of the campaign"):
        crm.save_campaign(
            name="B",
            segment_id=segment.segment_id,
            message=message,
            campaign_id=draft.campaign_id,
        )
    assert len(crm.segments()) == len(crm.campaigns()) == 1
