"""Reading a rule's document node by node, noting every problem with its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.refusal import shown, valid_choices
from engine.domain.rules import (
    MAX_DEPTH,
    MAX_NODES,
    RULE_VERSION,
    All,
    Any,
    FieldCondition,
    InCampaign,
    InSegment,
    Not,
    OrderFilter,
    OrdersCondition,
    RandomBucket,
    Rule,
)
from engine.domain.scalars import bounded, storable
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.rules import Json, Node

ROOT = "rule"
"""Where the path of every node begins, as in ``rule.all[1].any[0]``."""

WINDOWS = ("ever", "in_the_last", "before_the_last", "between")
MAX_FILTERS = 20
MAX_VALUES = 1_000
MAX_PROBLEMS = 100
"""Noted of one document; nobody reads more."""
MAX_CHARACTERS = 1_000_000
"""Of text in one rule, so that it fits a MongoDB document (16 MB) with room to spare."""

_FRAME = ("id", "enabled", "locked")
# kind of node: the keys it must have, and those it may have.
_KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "all": (("all",), ()),
        "any": (("any",), ()),
        "not": (("not",), ()),
        "field": (("field", "op"), ("value",)),
        "orders": (("orders", "op", "value"), ("of", "where", *WINDOWS)),
        "segment": (("segment",), ()),
        "campaign": (("campaign", "outcome"), ()),
        "random_bucket": (("random_bucket",), ()),
    },
)
_NODE_KEYS = tuple(
    dict.fromkeys((*(key for must, may in _KINDS.values() for key in (*must, *may)), *_FRAME)),
)
_SPAN = ("n", "unit")
_NOTHING = All()
"""Stands for a node that could not be read; the problems then keep the rule from being used."""


class Decoder:
    """Reads one document. ``problems`` holds one sentence for each place that is wrong."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._nodes = 0
        self._characters = 0

    def rule(self, document: object) -> Rule:
        """Read the whole document; the result means nothing if problems were noted."""
        found = self._object(document, "document", required=("version", "rule"))
        version = found.get("version", RULE_VERSION)
        if version != RULE_VERSION or isinstance(version, bool):
            self._note("version", f"{shown(version)} is not known; write {RULE_VERSION}")
        root = self._node(found["rule"], ROOT, 1) if "rule" in found else _NOTHING
        if self._characters > MAX_CHARACTERS:
            most = f"at most {MAX_CHARACTERS:,} are taken"
            self._note(ROOT, f"holds {self._characters:,} characters of text; {most}")
        return Rule(root)

    def _node(self, document: object, path: str, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            if self._nodes == MAX_NODES + 1:
                self._note(path, f"is node {self._nodes}; a rule has at most {MAX_NODES} nodes")
            return _NOTHING
        if depth > MAX_DEPTH:
            self._note(path, f"stands on level {depth}; a rule has at most {MAX_DEPTH} levels")
            return _NOTHING
        kinds = [kind for kind in _KINDS if isinstance(document, Mapping) and kind in document]
        if len(kinds) != 1:
            self._no_node(document, path, kinds)
            return _NOTHING
        required, optional = _KINDS[kinds[0]]
        found = self._object(document, path, required, (*optional, *_FRAME))
        node_id = self._text(found, "id", path) if found.get("id") is not None else None
        return replace(
            self._body(kinds[0], found, path, depth),
            id=node_id,
            enabled=self._flag(found, "enabled", path, default=True),
            locked=self._flag(found, "locked", path, default=False),
        )

    def _flag(self, found: Mapping[str, object], key: str, path: str, *, default: bool) -> bool:
        value = found.get(key, default)
        if isinstance(value, bool):
            return value
        self._note(f"{path}.{key}", f"needs true or false, not {shown(value)}")
        return default

    def _no_node(self, document: object, path: str, kinds: Sequence[str]) -> None:
        noted = len(self.problems)
        self._object(document, path, optional=_NODE_KEYS)
        if len(self.problems) == noted:
            has = f"has {' and '.join(kinds)}" if kinds else "says nothing"
            self._note(path, f"{has}; a node has exactly one of {', '.join(_KINDS)}")

    def _body(  # noqa: PLR0911 - one return a kind of node
        self, kind: str, found: Mapping[str, object], path: str, depth: int
    ) -> Node:
        match kind:
            case "all":
                return All(self._children(found["all"], f"{path}.all", depth))
            case "any":
                return Any(self._children(found["any"], f"{path}.any", depth))
            case "not":
                return Not(self._node(found["not"], f"{path}.not", depth + 1))
            case "field":
                return FieldCondition(*self._condition(found, path))
            case "orders":
                return self._orders(found, path)
            case "segment":
                return InSegment(self._text(found, "segment", path))
            case "campaign":
                texts = (self._text(found, key, path) for key in ("campaign", "outcome"))
                return InCampaign(*texts)
            case _:
                return self._bucket(found["random_bucket"], f"{path}.random_bucket")

    def _children(self, documents: object, path: str, depth: int) -> tuple[Node, ...]:
        listed = self._list(documents, path, MAX_NODES)
        return tuple(
            self._node(one, f"{path}[{index}]", depth + 1) for index, one in enumerate(listed)
        )

    def _condition(self, found: Mapping[str, object], path: str) -> tuple[str, str, Json]:
        field = self._text(found, "field", path)
        op = self._text(found, "op", path)
        return field, op, self._value(found.get("value"), f"{path}.value")

    def _orders(self, found: Mapping[str, object], path: str) -> Node:
        windows = [name for name in WINDOWS if name in found]
        if len(windows) != 1:
            has = " and ".join(windows) or "none"
            self._note(path, f"has {has}; orders need exactly one window of {', '.join(WINDOWS)}")
        window = windows[0] if windows else WINDOWS[0]
        return OrdersCondition(
            aggregate=self._text(found, "orders", path),
            of=None if found.get("of") is None else self._text(found, "of", path),
            where=tuple(
                self._filter(one, f"{path}.where[{index}]")
                for index, one in enumerate(
                    self._list(found.get("where", ()), f"{path}.where", MAX_FILTERS),
                )
            ),
            window=(window, self._value(found.get(window), f"{path}.{window}")),
            op=self._text(found, "op", path),
            value=self._value(found.get("value"), f"{path}.value"),
        )

    def _filter(self, document: object, path: str) -> OrderFilter:
        found = self._object(document, path, ("field", "op"), ("value",))
        return OrderFilter(*self._condition(found, path))

    def _bucket(self, document: object, path: str) -> Node:
        share = self._object(document, path, ("salt", "from", "to"))
        return RandomBucket(
            self._text(share, "salt", path),
            self._hundredths(share, "from", path),
            self._hundredths(share, "to", path),
        )

    def _hundredths(self, share: Mapping[str, object], key: str, path: str) -> int:
        if key not in share:
            return 0
        value = self._scalar(share[key], f"{path}.{key}")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            # A double's shortest decimal text is what the document said.
            hundredths = Decimal(str(value)) * 100
            if hundredths == hundredths.to_integral_value():
                return int(hundredths)
        needs = "needs a percentage with at most two decimals"
        self._note(f"{path}.{key}", f"{needs}, not {shown(share[key])}")
        return 0

    def _value(self, value: object, path: str) -> Json:
        if isinstance(value, Mapping):
            found = self._object(value, path, optional=_SPAN)
            return MappingProxyType(
                {key: self._scalar(one, f"{path}.{key}") for key, one in found.items()},
            )
        if isinstance(value, (list, tuple)):
            listed = self._list(value, path, MAX_VALUES)
            return tuple(self._scalar(one, f"{path}[{i}]") for i, one in enumerate(listed))
        return self._scalar(value, path)

    def _scalar(self, value: object, path: str) -> Json:
        if value is None or isinstance(value, bool):
            return value
        try:
            if isinstance(value, (int, float)):
                return bounded(value)
            if isinstance(value, str):
                self._characters += len(value)
                return storable(value)
        except InvalidInput as error:
            self._note(path, str(error))
            return None
        self._note(path, f"needs a text, a number, true or false, not {shown(value)}")
        return None

    def _text(self, found: Mapping[str, object], key: str, path: str) -> str:
        value = found.get(key)
        if isinstance(value, str) and value:
            return str(self._scalar(value, f"{path}.{key}"))
        if key in found:  # a missing key is noted already
            self._note(f"{path}.{key}", f"needs text, not {shown(value)}")
        return ""

    def _list(self, value: object, path: str, most: int) -> Sequence[object]:
        if not isinstance(value, (list, tuple)):
            self._note(path, f"needs a list, not {shown(value)}")
            return ()
        if len(value) > most:
            self._note(path, f"has {len(value):,} entries; at most {most:,} are taken")
            return ()
        return value

    def _object(
        self,
        document: object,
        path: str,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
    ) -> Mapping[str, object]:
        if not isinstance(document, Mapping):
            self._note(path, f"needs an object, not {shown(document)}")
            return {}
        valid = (*required, *optional)
        for key in [key for key in document if key not in valid][:MAX_FILTERS]:
            choices = valid_choices(key if isinstance(key, str) else "", valid, "keys")
            self._note(path, f"unknown key {shown(key)}; {choices}")
        for key in required:
            if key not in document:
                self._note(path, f"the key '{key}' is missing")
        return {key: document[key] for key in valid if key in document}

    def _note(self, path: str, problem: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(f"{path}: {problem}")
