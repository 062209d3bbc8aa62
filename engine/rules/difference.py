"""What differs between two versions of a segment, exactly.

Nodes are the same where they have the same id; else where they say the same, in the same group
first; else where they stand in the same group and test the same thing. What is left was removed
or added. So two rules that differ in more than order and ids never come out without a change.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.domain.rule_codec import decode
from engine.domain.rules import FieldCondition, InCampaign, OrdersCondition
from engine.domain.segment_change import Change, ChangeKind
from engine.errors import RuleError
from engine.rules.rule_views import Reader, View, view

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from engine.domain.segment import SegmentContent
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue

THE_RULE = "the rule"


def difference(
    before: SegmentContent,
    after: SegmentContent,
    catalogue: Catalogue,
    workspace: Workspace,
    names: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """Return what changed from one content to another; nothing only where they are equal.

    ``names`` are the names of segments by id, to read references out.
    """
    found = []
    if before.name != after.name:
        found.append(_text(ChangeKind.NAME, "name", before.name, after.name))
    if before.description != after.description:
        texts = (before.description, after.description)
        found.append(_text(ChangeKind.DESCRIPTION, "description", *texts))
    found += _tags(before.tags, after.tags)
    reader = Reader(catalogue, workspace, names or {})
    return (*found, *rule_difference(before.document, after.document, reader))


def rule_difference(
    before: Mapping[str, object], after: Mapping[str, object], reader: Reader
) -> tuple[Change, ...]:
    """Return what changed from one rule's document to another's."""
    written = (_json(before), _json(after))
    if written[0] == written[1]:
        return ()
    try:
        old, new = decode(before), decode(after)
    except RuleError:
        return (_json_change(*written),)
    comparing = _Comparing(view(old), view(new), reader)
    found = comparing.changes()
    if any(one.kind.changes_meaning for one in found):
        return found
    if old.version != new.version or comparing.before.content != comparing.after.content:
        return (*found, _json_change(*written))
    return found or (Change(kind=ChangeKind.REWRITTEN, what=THE_RULE),)


@dataclass(slots=True)
class _Comparing:
    """Matches the nodes of two rules and tells what became of each."""

    before: View
    after: View
    reader: Reader
    partner: dict[View, View] = field(default_factory=dict)
    """The match of each matched node, both ways."""

    def changes(self) -> tuple[Change, ...]:
        self._match()
        return (*self._kept(), *self._gone(), *self._new(), *self._reordered())

    def _match(self) -> None:
        self._pair(self.before, self.after)
        old, new = list(self.before.walk())[1:], list(self.after.walk())[1:]
        if self.before.content != self.after.content:  # else ids may have changed places
            self._pair_by(_own_id, old, new, once=True)
        self._within()
        self._pair_by(lambda one: one.content, old, new)
        self._within()

    def _within(self) -> None:
        """Match the children of matched groups, from the top down."""
        for old in self.before.walk():
            if not old.how or old not in self.partner:
                continue
            new = self.partner[old]
            for key in (_content, _said, _subject):
                self._pair_by(key, old.children, new.children)

    def _pair_by(
        self,
        key: Callable[[View], Hashable | None],
        old: Iterable[View],
        new: Iterable[View],
        *,
        once: bool = False,
    ) -> None:
        """Match what has the same key, in order; with ``once``, only keys that occur once."""
        waiting: defaultdict[Hashable, list[View]] = defaultdict(list)
        new = [one for one in new if one not in self.partner and key(one) is not None]
        old = [one for one in old if one not in self.partner and key(one) is not None]
        for one in new:
            waiting[key(one)].append(one)
        times = Counter(key(one) for one in old)
        for one in old:
            same = waiting[key(one)]
            if once and (times[key(one)] > 1 or len(same) > 1):
                continue
            if same:
                self._pair(one, same.pop(0))

    def _pair(self, old: View, new: View) -> None:
        self.partner[old] = new
        self.partner[new] = old

    def _kept(self) -> Iterable[Change]:
        for old in self.before.walk():
            if (new := self.partner.get(old)) is None:
                continue
            if old.how != new.how:
                yield Change(
                    kind=ChangeKind.REGROUPED,
                    what=self.reader.label(old),
                    before=old.how,
                    after=new.how,
                )
            if not old.how and old.said != new.said:
                yield self._changed(old, new)
            if old.enabled != new.enabled:
                off, on = ChangeKind.SWITCHED_OFF, ChangeKind.SWITCHED_ON
                text = self.reader.text(new).removesuffix(" (switched off)")
                yield Change(kind=on if new.enabled else off, what=text)
            if old.parent and new.parent and self.partner.get(old.parent) is not new.parent:
                places = (self.reader.label(old.parent), self.reader.label(new.parent))
                text = self.reader.text(new)
                yield Change(kind=ChangeKind.MOVED, what=text, before=places[0], after=places[1])

    def _changed(self, old: View, new: View) -> Change:
        texts = (self.reader.text(old), self.reader.text(new))
        if texts[0] == texts[1]:  # long lists are cut in words
            texts = (old.said, new.said)
        return Change(kind=ChangeKind.CHANGED, what="a condition", before=texts[0], after=texts[1])

    def _gone(self) -> Iterable[Change]:
        for old in self._outermost(self.before):
            text = self.reader.text(old)
            yield Change(kind=ChangeKind.REMOVED, what=_kind(old), before=text)

    def _new(self) -> Iterable[Change]:
        for new in self._outermost(self.after):
            text = self.reader.text(new)
            yield Change(kind=ChangeKind.ADDED, what=_kind(new), after=text)

    def _outermost(self, root: View) -> Iterable[View]:
        for one in root.walk():
            if one not in self.partner and (one.parent is None or one.parent in self.partner):
                yield one

    def _reordered(self) -> Iterable[Change]:
        for old in self.before.walk():
            new = self.partner.get(old)
            if new is None or not old.how:
                continue
            stayed = [
                self.partner[child]
                for child in old.children
                if child in self.partner and self.partner[child].parent is new
            ]
            if stayed != [child for child in new.children if child in stayed]:
                yield Change(kind=ChangeKind.REORDERED, what=self.reader.label(new))


def _own_id(one: View) -> Hashable | None:
    # A group that became a condition is not the same node, whatever its id.
    return None if one.node.id is None else (one.node.id, bool(one.how))


def _content(one: View) -> str:
    return one.content


def _said(one: View) -> str | None:
    return None if one.how else one.said


def _subject(one: View) -> Hashable:
    match one.node:
        case FieldCondition(field=name):
            return ("field", name)
        case OrdersCondition(aggregate=aggregate, of=of):
            return ("orders", aggregate, of)
        case InCampaign(campaign_id=campaign_id):
            return ("campaign", campaign_id)
        case _:
            return "group" if one.how else type(one.node).__name__


def _kind(one: View) -> str:
    return "a group" if one.how else "a condition"


def _text(kind: ChangeKind, what: str, before: str, after: str) -> Change:
    return Change(kind=kind, what=what, before=_quoted(before), after=_quoted(after))


def _tags(before: tuple[str, ...], after: tuple[str, ...]) -> Iterable[Change]:
    for tag in before:
        if tag not in after:
            yield Change(kind=ChangeKind.REMOVED, what="the tag", before=_quoted(tag))
    for tag in after:
        if tag not in before:
            yield Change(kind=ChangeKind.ADDED, what="the tag", after=_quoted(tag))
    if before != after and set(before) == set(after):
        yield Change(kind=ChangeKind.REORDERED, what="the tags")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text else ""


def _json_change(before: str, after: str) -> Change:
    return Change(kind=ChangeKind.CHANGED, what=THE_RULE, before=before, after=after)


def _json(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)
