"""Clauses of known meaning, and what joins them: words that have one meaning, by construction.

Clauses are what follows "customers who"; each has the rule that it means alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Node: TypeAlias = "dict[str, object]"


def _field(name: str, op: str, value: object = None) -> Node:
    return {"field": name, "op": op} | ({} if value is None else {"value": value})


def _orders(*, least: int = 1, where: tuple[str, object] | None = None, **window: object) -> Node:
    filters = [_field(where[0], "in", where[1])] if where else []
    return {"orders": "count", "where": filters, "op": "at_least", "value": least, **window}


def _last(n: int, unit: str) -> Node:
    return {"n": n, "unit": unit}


CLAUSES: tuple[tuple[str, Node], ...] = (
    ("live in Pune or Mumbai", _field("city", "in", ["Pune", "Mumbai"])),
    ("are women", _field("gender", "equals", "female")),
    ("spent over 20,000", _field("total_spend", "greater_than", "20000")),
    ("have at least 5 orders", _field("order_count", "greater_or_equal", 5)),
    (
        "have not ordered in the last 60 days",
        _field("last_order_at", "not_in_the_last", _last(60, "day")),
    ),
    ("are vip", _field("tags", "contains_any", ["vip"])),
    (
        "are gold or platinum members",
        _field("attributes.loyalty_tier", "in", ["Gold", "Platinum"]),
    ),
    (
        "bought Beauty in the last 6 months",
        _orders(where=("category", ["Beauty"]), in_the_last=_last(6, "month")),
    ),
    ("never bought Electronics", {"not": _orders(where=("category", ["Electronics"]), ever=True)}),
    (
        "placed at least 2 app orders in the last 3 months",
        _orders(least=2, where=("channel", ["app"]), in_the_last=_last(3, "month")),
    ),
    ("have a phone number", _field("phone", "is_set")),
    ("have no email", _field("email", "is_not_set")),
    ("subscribed to the newsletter", _field("attributes.newsletter", "is_true")),
    ("joined in 2025", _field("signed_up_at", "between", ["2025-01-01", "2025-12-31"])),
    ("prefer Hindi", _field("attributes.preferred_language", "equals", "Hindi")),
    ("are over 40 years old", _field("birth_date", "before", "1985-06-18")),
    (
        "had a refund in the last year",
        _orders(where=("status", ["refunded"]), in_the_last=_last(1, "year")),
    ),
    (
        "have an average order value above 2000",
        _field("average_order_value", "greater_than", "2000"),
    ),
)
"""Dates are as of 17 June 2026."""


def _all(*nodes: Node) -> Node:
    return {"all": list(nodes)}


def _any(*nodes: Node) -> Node:
    return {"any": list(nodes)}


def _not(node: Node) -> Node:
    return {"not": node}


FORMS: tuple[tuple[str, Callable[[Node, Node, Node], Node]], ...] = (
    ("customers who {0} and {1}", lambda a, b, _: _all(a, b)),
    ("customers who {0} and who {1}", lambda a, b, _: _all(a, b)),
    ("customers who {0} but not those who {1}", lambda a, b, _: _all(a, _not(b))),
    ("everyone who {0}, except those who {1}", lambda a, b, _: _all(a, _not(b))),
    ("customers who {0}, unless they {1}", lambda a, b, _: _all(a, _not(b))),
    ("everyone but those who {0}", lambda a, _b, _c: _not(a)),
    ("people who either {0} or {1}", lambda a, b, _: _any(a, b)),
    ("customers who {0}, {1} and {2}", _all),
    ("customers who {0}, {1} or {2}", _any),
    ("customers who {0} and either {1} or {2}", lambda a, b, c: _all(a, _any(b, c))),
    ("people who ({0} or {1}) and {2}", lambda a, b, c: _all(_any(a, b), c)),
    ("customers who either {0} or {1}, and who {2}", lambda a, b, c: _all(_any(a, b), c)),
    ("customers who {0} and {1}, excluding those who {2}", lambda a, b, c: _all(a, b, _not(c))),
)


def drawn(rng: random.Random) -> tuple[str, Node]:
    """Return words and the root of the rule that they mean."""
    form, joined = rng.choice(FORMS)
    three = rng.sample(CLAUSES, 3)
    a, b, c = (node for _, node in three)
    return form.format(*(words for words, _ in three)), joined(a, b, c)
