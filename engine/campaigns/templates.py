"""Message templates: Liquid over a customer's fields, strict and bounded.

A name that is no field is an error when the template is checked, never an empty space in a
message. A field that a customer lacks is empty: ``{{ first_name | default: "there" }}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from math import prod
from typing import TYPE_CHECKING

from liquid import Environment, StrictUndefined
from liquid.exceptions import FilterArgumentError, LiquidError

from engine.domain.calendar import local_date
from engine.domain.campaign import Channel
from engine.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liquid import BoundTemplate

    from engine.audience.lifetime import Lifetime
    from engine.domain.campaign import Message
    from engine.domain.customer import Customer
    from engine.domain.workspace import Workspace

MAX_TEMPLATE = 20_000
MAX_SUBJECT = 200
LINE_SHOWN = 80
MAX_OPERANDS = 1_000_000
"""Characters of the text times those of the argument: what ``replace`` or ``join`` can make."""

FIELDS = {
    "first_name": "first word of the name",
    "name": "full name",
    "customer_id": "customer id",
    "email": "e-mail address",
    "phone": "phone number",
    "city": "city",
    "country": "country",
    "order_count": "number of completed orders",
    "total_spend": "total spend, with its currency",
    "last_order_on": "day of the last order, such as 31 March 2026",
    "workspace_name": "your company's name",
}
OPTIONAL = ("first_name", "name", "email", "phone", "city", "country", "last_order_on")
"""Fields that a customer may lack."""
_MARKS = 0xE000


class Lacking:
    """A field that a customer lacks: nothing to Liquid, but where it is written it leaves a mark.

    So what a template makes of nothing can be looked for in what it renders. The marks are of
    Unicode's private use: no text's own, and no filter changes them.
    """

    def __init__(self, field: str) -> None:
        self._mark = chr(_MARKS + OPTIONAL.index(field))

    def __liquid__(self) -> None:
        """Be nothing in conditions, and to the filter ``default``."""

    def __str__(self) -> str:
        return self._mark


class _Liquid(Environment):
    """Liquid with limits: 1,000 loop rounds, 100 kB of output, no nesting past 10 templates.

    A filter's operands are limited, too: eight ``replace`` in a row made a text of 1 GB, and
    ``(1..50000000) | join`` took 32 s and 3 GB.
    """

    loop_iteration_limit = 1_000
    output_stream_limit = 100_000
    local_namespace_limit = 100_000
    context_depth_limit = 10

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Put the limit before every filter; the date of nothing is nothing, as in Shopify's."""
        super().setup_tags_and_filters(extra=extra)
        self.filters = {name: _limited(call) for name, call in self.filters.items()}
        self.filters["date"] = _of_nothing(self.filters["date"])


def _of_nothing(call: Callable[..., object]) -> Callable[..., object]:
    @wraps(call)
    def tolerant(value: object, *operands: object, **options: object) -> object:
        return (
            value
            if value is None or isinstance(value, Lacking)
            else call(value, *operands, **options)
        )

    return tolerant


def _limited(call: Callable[..., object]) -> Callable[..., object]:
    @wraps(call)
    def limited(*operands: object, **options: object) -> object:
        sizes = [len(one) for one in operands if isinstance(one, (str, list, tuple, range))]
        if prod(max(1, size) for size in sizes) > MAX_OPERANDS:
            msg = f"a filter's operands are larger than the limit of {MAX_OPERANDS:,}"
            raise FilterArgumentError(msg, token=None)
        return call(*operands, **options)

    return limited


_LIQUID = _Liquid(undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One customer's message."""

    subject: str
    body: str


class Template:
    """A message that parsed, and that names only fields that exist."""

    def __init__(self, message: Message, workspace: Workspace) -> None:
        """Parse both parts; raises TemplateError with what is wrong and where."""
        if not message.body.strip():
            msg = "the message is empty; write what the customer should read"
            raise TemplateError(msg)
        if message.channel is Channel.EMAIL and not message.subject.strip():
            msg = "an e-mail needs a subject"
            raise TemplateError(msg)
        self._workspace = workspace
        self._subject = _parsed("subject", message.subject, MAX_SUBJECT)
        self._body = _parsed("message", message.body, MAX_TEMPLATE)
        parts = (self._subject, self._body)
        self._names_money = any("total_spend" in part.global_variables() for part in parts)

    def render(self, customer: Customer, lifetime: Lifetime) -> Rendered:
        """Return one customer's message; raises TemplateError where it cannot be rendered.

        The reason names no customer, so that reasons can be counted.
        """
        return self._rendered(self._fields(customer, lifetime))

    def empty_spaces(self, customer: Customer, lifetime: Lifetime) -> tuple[str, ...]:
        """Return the fields, as FIELDS orders them, that leave an empty space where one is lacking.

        ``customer`` has all of them: each that is named is taken away once by itself, and all once
        together.
        """
        parts = (self._subject, self._body)
        named = {name for part in parts for name in part.global_variables()}.intersection(OPTIONAL)
        fields = self._fields(customer, lifetime)
        found = set()
        for taken in (named, *({name} for name in named)):
            lacking = {name: Lacking(name) for name in taken}
            try:
                rendered = self._rendered({**fields, **lacking})
            except TemplateError:
                continue
            text = rendered.subject + rendered.body
            found |= {name for name, one in lacking.items() if str(one) in text}
        return tuple(name for name in OPTIONAL if name in found)

    @property
    def filters(self) -> frozenset[str]:
        """The names of the Liquid filters that it uses."""
        return frozenset({*self._subject.filter_names(), *self._body.filter_names()})

    def _rendered(self, fields: Mapping[str, object]) -> Rendered:
        try:
            subject = " ".join(self._subject.render(fields).split())
            body = self._body.render(fields)
        except Exception as error:  # filters let ValueError, OverflowError and others through
            said = _said(error) if isinstance(error, LiquidError) else error
            msg = f"the message cannot be rendered: {said}"
            raise TemplateError(msg) from error
        if not body.strip():
            msg = "the message comes out empty"
            raise TemplateError(msg)
        return Rendered(subject=subject, body=body)

    def _fields(self, customer: Customer, lifetime: Lifetime) -> Mapping[str, object]:
        last = lifetime.last_order_at
        day = None if last is None else local_date(last, self._workspace.zone)
        # Writing money takes longer than all of the rest, and few messages name it.
        return {
            "first_name": customer.first_name,
            "name": customer.name,
            "customer_id": customer.customer_id,
            "email": customer.email,
            "phone": customer.phone,
            "city": customer.city,
            "country": customer.country,
            "order_count": lifetime.order_count,
            "total_spend": self._workspace.money(lifetime.total_spend) if self._names_money else "",
            "last_order_on": None if day is None else f"{day.day} {day:%B %Y}",
            "workspace_name": self._workspace.name,
        }


def _said(error: LiquidError) -> str:
    """Return what is wrong, and in which line; the error's own text draws a picture of it."""
    try:
        context = error.context()
    except ValueError:  # it is past the end
        context = None
    if context is None:
        return str(error.message)
    number, _column, _before, line, _after = context
    return f"{error.message}, in line {number}: {line.strip()[:LINE_SHOWN]}"


def _parsed(part: str, source: str, limit: int) -> BoundTemplate:
    if len(source) > limit:
        msg = f"the {part} has {len(source):,} characters; the limit is {limit:,}"
        raise TemplateError(msg)
    try:
        template = _LIQUID.from_string(source)
        named = template.global_variables()
    except LiquidError as error:
        msg = f"the {part} is not valid Liquid: {_said(error)}"
        raise TemplateError(msg) from error
    unknown = sorted(set(named) - FIELDS.keys())
    if unknown:
        names = ", ".join(f"{{{{ {name} }}}}" for name in unknown)
        msg = f"the {part} names {names}; the fields are {', '.join(FIELDS)}"
        raise TemplateError(msg)
    filters = sorted(set(template.filter_names()) - _LIQUID.filters.keys())
    if filters:
        msg = f"the {part} uses {', '.join(filters)}, which Liquid has no filter for"
        raise TemplateError(msg)
    return template
