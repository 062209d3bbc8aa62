"""Every save of a segment is a version: who, when, what; and an old one can be brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pymongo.collection import Collection

from engine.domain.actor import Actor
from engine.domain.permission import EVERYTHING
from engine.domain.rule_codec import decode, encode
from engine.domain.segment import SegmentContent
from engine.domain.segment_change import ChangeKind
from engine.errors import Conflict, InvalidInput, NotFound, RuleError, SavedMeanwhile

if TYPE_CHECKING:
    from pymongo.database import Database

    from engine.crm import Crm
    from engine.domain.segment import Segment

EVERYONE = decode({"version": 1, "rule": {"all": []}})
NOBODY = decode({"version": 1, "rule": {"any": []}})


def saved(crm: Crm, name: str = "Loyal", over: Segment | None = None, **more: Any) -> Segment:  # noqa: ANN401 - fields
    fields: dict[str, Any] = {"description": "", "rule": EVERYONE} | more
    if over is not None:
        fields |= {"segment_id": over.segment_id, "version": over.version}
    return crm.save_segment(name=name, **fields)


def saved_by(crm: Crm, name: str) -> Crm:
    return crm.acting_as(Actor(name, EVERYTHING))


def test_tags_are_saved_and_read_back(crm: Crm) -> None:
    segment = saved(crm, tags=[" VIP ", "vip", "Winter  sale"])
    assert segment.tags == ("VIP", "Winter sale")
    assert crm.segment(segment.segment_id) == segment
    assert saved(crm, over=segment).tags == ()
    with pytest.raises(InvalidInput, match="a tag is empty"):
        saved(crm, name="Other", tags=[""])


def test_each_save_is_a_version_with_who_and_when_latest_first(crm: Crm) -> None:
    first = saved(crm, tags=["a"], description="One")
    asha = crm.acting_as(Actor("Asha", EVERYTHING))
    second = saved(asha, "Loyal ones", over=first, rule=NOBODY)
    history = crm.segment_history(first.segment_id)
    assert [(one.version, one.saved_by, one.content.name) for one in history] == [
        (2, "Asha", "Loyal ones"),
        (1, "system", "Loyal"),
    ]
    assert history[0].content == second.content
    assert history[1].content == first.content
    assert all(one.saved_at == crm.clock.now() for one in history)
    assert [one.version for one in crm.segment_history(first.segment_id, limit=1)] == [2]


def test_a_save_that_is_refused_leaves_no_version(crm: Crm) -> None:
    first = saved(crm)
    other = saved(crm, "Other")
    saved(crm, over=first)
    for name in ("Loyal", "Other"):
        with pytest.raises(Conflict):
            saved(crm, name, over=first)
    with pytest.raises(Conflict, match="named 'loyal' already"):
        saved(crm, "loyal", over=other)
    with pytest.raises(Conflict, match="named 'loyal' already"):
        saved(crm, "loyal")
    assert len(crm.segment_history(first.segment_id)) == 2
    assert len(crm.segment_history(other.segment_id)) == 1


@pytest.mark.parametrize("kept", [False, True])
def test_a_save_and_its_version_are_written_together_or_not_at_all(
    crm: Crm,
    database: Database[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    *,
    kept: bool,
) -> None:
    first = saved(crm)
    update_one = Collection.update_one

    def cut_off(collection: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as pymongo's
        known = {"segment_id": first.segment_id, "version": 1}
        if collection.name != "segment_versions" or args[0] == known:
            return update_one(collection, *args, **kwargs)
        if kept:
            update_one(collection, *args, **kwargs)
        msg = "the process ended here"
        raise RuntimeError(msg)

    monkeypatch.setattr(Collection, "update_one", cut_off)
    for over in (first, None):
        with pytest.raises(RuntimeError):
            saved(crm, "Mine", over=over)
    assert crm.segments() == (first,)
    assert database["segment_versions"].count_documents({}) == 1


def test_an_old_version_comes_back_as_a_new_one(crm: Crm) -> None:
    first = saved(crm, tags=["a"], description="One")
    second = saved(crm, "Renamed", over=first, rule=NOBODY)
    asha = crm.acting_as(Actor("Asha", EVERYTHING))
    back = asha.restore_segment(first.segment_id, version=second.version, to=1)
    assert (back.version, back.saved_by, back.content) == (3, "Asha", first.content)
    latest = crm.segment_history(first.segment_id)[0]
    assert (latest.version, latest.restored_from, latest.content) == (3, 1, first.content)
    assert [one.restored_from for one in crm.segment_history(first.segment_id)] == [
        3 - 2,
        None,
        None,
    ]


def test_a_restore_over_a_save_that_was_not_seen_is_refused(crm: Crm) -> None:
    first = saved(crm)
    second = saved(crm, over=first, rule=NOBODY)
    third = saved(crm, "Third", over=second)
    with pytest.raises(SavedMeanwhile, match="as version 3"):
        crm.restore_segment(first.segment_id, version=second.version, to=1)
    assert crm.segment(first.segment_id) == third
    with pytest.raises(NotFound, match="version 9 of 'Third' is not known"):
        crm.restore_segment(first.segment_id, version=3, to=9)


def test_a_restore_is_refused_where_the_old_name_is_taken_or_the_rule_is_of_no_use(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    first = saved(crm)
    second = saved(crm, "Renamed", over=first)
    other = saved(crm, "Loyal")
    with pytest.raises(Conflict, match="named 'Loyal' already"):
        crm.restore_segment(first.segment_id, version=second.version, to=1)
    crm.delete_segment(other.segment_id, version=1)
    unknown = {"version": 1, "rule": {"field": "shoe_size", "op": "is_set"}}
    database["segment_versions"].update_one(
        {"segment_id": first.segment_id, "version": 1}, {"$set": {"rule": unknown}}
    )
    with pytest.raises(RuleError, match="shoe_size"):
        crm.restore_segment(first.segment_id, version=second.version, to=1)
    assert crm.segment(first.segment_id) == second


def test_a_segment_from_before_there_was_a_history_keeps_what_it_was_at_its_next_save(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    old = saved(saved_by(crm, "Asha"))
    database["segment_versions"].delete_many({})
    database["segments"].update_one({}, {"$unset": {"tags": "", "references": ""}})
    (only,) = crm.segment_history(old.segment_id)
    assert (only.version, only.saved_by, only.content) == (1, "Asha", old.content)
    new = saved(saved_by(crm, "Ravi"), over=old, rule=NOBODY)
    history = crm.segment_history(old.segment_id)
    assert [(one.version, one.saved_by) for one in history] == [(2, "Ravi"), (1, "Asha")]
    assert [one.content for one in history] == [new.content, old.content]
    assert database["segment_versions"].count_documents({}) == 2


def test_deleting_a_segment_deletes_its_history_and_its_sizes(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    segment, other = saved(crm), saved(crm, "Other")
    crm.daily_sizes.record_due(crm.clock.now())
    crm.delete_segment(segment.segment_id, version=1)
    for collection in ("segment_versions", "segment_sizes"):
        (left,) = database[collection].find()
        assert left["segment_id"] == other.segment_id
    with pytest.raises(NotFound):
        crm.segment_history(segment.segment_id)


def test_who_saves_second_learns_who_was_first_and_what_both_changed(crm: Crm) -> None:
    opened = saved(crm)
    theirs = saved(saved_by(crm, "Asha"), "Theirs", over=opened)
    with pytest.raises(SavedMeanwhile) as refused:
        saved(crm, "Mine", over=opened, rule=NOBODY)
    assert (refused.value.version, refused.value.saved_by) == (2, "Asha")
    assert refused.value.saved_at == crm.clock.now()
    mine = SegmentContent(name="Mine", description="", tags=("x",), document=encode(NOBODY))
    conflict = crm.segment_conflict(opened.segment_id, opened=1, mine=mine)
    assert conflict.present == theirs
    assert [one.sentence for one in conflict.theirs] == ['name: from "Loyal" to "Theirs"']
    assert [one.kind for one in conflict.mine] == [
        ChangeKind.NAME,
        ChangeKind.ADDED,
        ChangeKind.REGROUPED,
    ]
    with pytest.raises(NotFound):
        crm.segment_conflict("gone", opened=1, mine=mine)


def test_what_a_version_changed_is_said_with_the_names_of_segments(crm: Crm) -> None:
    loyal, first = saved(crm), saved(crm, "Other")
    named = decode({"version": 1, "rule": {"all": [{"segment": loyal.segment_id}]}})
    saved(crm, "Other", over=first, rule=named)
    after, before = crm.segment_history(first.segment_id)
    found = crm.segment_difference(before.content, after.content)
    assert [one.sentence for one in found] == [
        'added a condition: is in the segment "Loyal"',
    ]
