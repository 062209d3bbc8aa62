"""Segments made from segments: none is lost under another, and none is made from itself."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from pymongo.collection import Collection

from engine.bootstrap import open_crm
from engine.domain.campaign import CampaignStatus, Channel, Message
from engine.domain.rule_codec import decode
from engine.errors import Conflict, CrmError, NotFound, RuleError
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.database import Database

    from engine.crm import Crm
    from engine.domain.rules import Rule
    from engine.domain.segment import Segment

MESSAGE = Message(channel=Channel.SMS, subject="", body="Hi")


def of(*segments: Segment | str, **more: Any) -> Rule:  # noqa: ANN401 - what a node carries
    ids = [one if isinstance(one, str) else one.segment_id for one in segments]
    return decode({"version": 1, "rule": {"all": [{"segment": one, **more} for one in ids]}})


def made(crm: Crm, name: str, *segments: Segment) -> Segment:
    return crm.save_segment(name=name, description="", rule=of(*segments))


def remade(crm: Crm, segment: Segment, *segments: Segment | str) -> Segment:
    return crm.save_segment(
        name=segment.name,
        description="",
        rule=of(*segments),
        segment_id=segment.segment_id,
        version=segment.version,
    )


def outcome(call: Callable[[], object]) -> type[CrmError] | None:
    try:
        call()
    except CrmError as error:
        return type(error)
    return None


def test_what_uses_a_segment_is_listed_drafts_and_launched_and_segments(crm: Crm) -> None:
    base, other = made(crm, "Base"), made(crm, "Other")
    user = crm.save_segment(name="User", description="", rule=of(base, base, enabled=False))
    another = made(crm, "another", base, other)
    draft = crm.save_campaign(name="Draft", segment_id=base.segment_id, message=MESSAGE)
    crm.launch_campaign(draft.campaign_id, version=1)
    crm.save_campaign(name="Draft 2", segment_id=base.segment_id, message=MESSAGE)
    usage = crm.segment_usage([one.segment_id for one in (base, other, user)])
    used = usage[base.segment_id]
    assert [(one.name, one.status) for one in used.campaigns] == [
        ("Draft", CampaignStatus.LAUNCHING),
        ("Draft 2", CampaignStatus.DRAFT),
    ]
    assert [one.segment_id for one in used.segments] == [another.segment_id, user.segment_id]
    assert [one.name for one in usage[other.segment_id].segments] == ["another"]
    assert not usage[user.segment_id]


def test_a_segment_that_is_used_is_not_deleted_and_all_that_use_it_are_named(crm: Crm) -> None:
    base = made(crm, "Base")
    user, another = made(crm, "User", base), made(crm, "Another", base)
    draft = crm.save_campaign(name="Spring", segment_id=base.segment_id, message=MESSAGE)
    says = "used by the campaign 'Spring' and the segments 'Another', 'User', so it stays"
    with pytest.raises(Conflict, match=says):
        crm.delete_segment(base.segment_id, version=1)
    crm.delete_campaign_draft(draft.campaign_id, version=1)
    crm.delete_segment(another.segment_id, version=1)
    with pytest.raises(Conflict, match="used by the segment 'User', so it stays"):
        crm.delete_segment(base.segment_id, version=1)
    remade(crm, user)
    crm.delete_segment(base.segment_id, version=1)
    assert [one.name for one in crm.segments()] == ["User"]


def test_a_segment_that_is_not_there_cannot_be_named(crm: Crm) -> None:
    base = made(crm, "Base")
    for rule in (of(base, "gone"), of(base, "gone", enabled=False)):
        with pytest.raises(
            RuleError, match=r"^rule\.all\[1\]\.segment: there is no segment 'gone'"
        ):
            crm.save_segment(name="A", description="", rule=rule)
    with pytest.raises(RuleError, match=r"rule\.all\[0\]\.segment: there is no segment 'gone'"):
        remade(crm, base, "gone")
    assert crm.segments() == (base,)


def test_a_segment_is_not_made_from_itself_however_long_the_way(crm: Crm) -> None:
    first = made(crm, "First")
    with pytest.raises(RuleError, match=r"^rule\.all\[0\]\.segment: a segment cannot be made"):
        remade(crm, first, first)
    second = made(crm, "Second", first)
    third = made(crm, "Third", second)
    says = (
        r"^rule\.all\[1\]\.segment: a segment cannot be made from itself, and 'Third' is made "
        "from 'Second', which is made from this one$"
    )
    with pytest.raises(RuleError, match=says):
        remade(crm, first, made(crm, "Other"), third)
    assert crm.segment(first.segment_id) == first


def test_a_restore_may_not_close_a_cycle_or_name_what_is_gone(crm: Crm) -> None:
    second = made(crm, "Second")
    first = remade(crm, made(crm, "First", second))
    second = remade(crm, second, first)
    with pytest.raises(RuleError, match="made from itself"):
        crm.restore_segment(first.segment_id, version=2, to=1)
    crm.delete_segment(second.segment_id, version=2)
    with pytest.raises(RuleError, match="there is no segment"):
        crm.restore_segment(first.segment_id, version=2, to=1)


@pytest.mark.parametrize("between", [0, 1, 2])
def test_two_saves_at_once_do_not_make_the_two_halves_of_a_cycle(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, between: int
) -> None:
    """Each has looked before either writes; what one reaches, the other one saves."""

    def chain(name: str) -> tuple[Segment, Segment]:
        last = head = made(crm, f"{name} last")
        for number in range(between):
            head = made(crm, f"{name} {number}", head)
        return head, last

    (head, last), (other_head, other_last) = chain("one"), chain("other")
    both_looked = threading.Barrier(2)
    waited: set[int] = set()

    update_many = Collection.update_many

    def meet_before_writing(collection: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if threading.get_ident() not in waited:
            waited.add(threading.get_ident())
            both_looked.wait(timeout=30)
        return update_many(collection, *args, **kwargs)

    monkeypatch.setattr(Collection, "update_many", meet_before_writing)
    ends: dict[str, type[CrmError] | None] = {}

    def save(name: str, segment: Segment, onto: Segment) -> None:
        ends[name] = outcome(lambda: remade(crm, segment, onto))

    saving = [
        threading.Thread(target=save, args=("one", last, other_head)),
        threading.Thread(target=save, args=("other", other_last, head)),
    ]
    for thread in saving:
        thread.start()
    for thread in saving:
        thread.join()
    assert len(waited) == 2, "both had looked before either wrote"
    assert sorted(ends.values(), key=str) == [RuleError, None]


def test_a_segment_cannot_be_deleted_under_one_that_is_being_saved_on_it(crm: Crm) -> None:
    ends = []
    for number in range(12):
        base = made(crm, f"Base {number}")
        together = threading.Barrier(2)
        results: list[type[CrmError] | None] = []

        def save(
            base: Segment = base,
            number: int = number,
            together: threading.Barrier = together,
            results: list[type[CrmError] | None] = results,
        ) -> None:
            together.wait()
            results.append(outcome(lambda: made(crm, f"User {number}", base)))

        saving = threading.Thread(target=save)
        saving.start()
        together.wait()
        deleted = outcome(partial(crm.delete_segment, base.segment_id, version=1))
        saving.join()
        ends.append((deleted, results[0]))
    assert set(ends) <= {(None, RuleError), (Conflict, None)}


def test_a_deletion_that_meets_a_save_on_the_segment_is_done_again_and_sees_it(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = made(crm, "Base")
    delete_one = Collection.delete_one
    met: list[object] = []

    def meet(collection: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as pymongo's
        if collection.name == "segments" and not met:
            met.append(made(crm, "User", base))
        return delete_one(collection, *args, **kwargs)

    monkeypatch.setattr(Collection, "delete_one", meet)
    with pytest.raises(Conflict, match="used by the segment 'User'"):
        crm.delete_segment(base.segment_id, version=1)
    assert met, "when it looked first, nothing used it"
    assert crm.segment(base.segment_id) == base


def test_a_save_on_a_segment_that_meets_its_deletion_is_refused(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = made(crm, "Base")
    update_many = Collection.update_many
    met: list[object] = []

    def meet(collection: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as pymongo's
        if not met:
            met.append(True)
            crm.delete_segment(base.segment_id, version=1)
        return update_many(collection, *args, **kwargs)

    monkeypatch.setattr(Collection, "update_many", meet)
    with pytest.raises(RuleError, match="there is no segment"):
        made(crm, "User", base)
    assert met
    assert crm.segments() == ()


def test_segments_from_before_references_were_noted_hold_what_they_are_made_from(
    crm: Crm, database: Database[dict[str, Any]], mongo_uri: str, db_name: str
) -> None:
    base = made(crm, "Base")
    user = made(crm, "User", base)
    later = {"version": 9, "rule": {"most": [{"segment": base.segment_id}]}}
    database["segments"].update_one(
        {"_id": made(crm, "Later").segment_id}, {"$set": {"rule": later}}
    )
    database["segments"].update_many({}, {"$unset": {"references": ""}})
    settings = Settings.model_validate({"mongodb_uri": mongo_uri, "mongodb_database": db_name})
    with open_crm(settings) as opened:
        used = opened.segment_usage([base.segment_id])[base.segment_id]
        assert [one.name for one in used.segments] == ["Later", "User"]
        with pytest.raises(Conflict):
            opened.delete_segment(base.segment_id, version=1)
        assert opened.segment(user.segment_id) == user
    with pytest.raises(NotFound):
        crm.segment("none")
