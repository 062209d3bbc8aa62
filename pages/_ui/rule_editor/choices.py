"""What can be chosen in the rule editor, as the JSON that ``frontend/src/protocol.ts`` types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.calendar import UNITS
from engine.domain.rule_decoder import MAX_FILTERS
from engine.domain.rules import MAX_DEPTH, MAX_NODES
from pages._ui.rule_fields import FieldChoice, OperatorChoice, field_choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine import Crm
    from engine.domain.workspace import Workspace

Choices = dict[str, object]

ORDERS = "orders."
"""Before the name of an order's field among the suggestions: ``orders.category``."""
COMPARATORS = (
    OperatorChoice("equals", "is", "one"),
    OperatorChoice("at_least", "is at least", "one"),
    OperatorChoice("at_most", "is at most", "one"),
    OperatorChoice("more_than", "is more than", "one"),
    OperatorChoice("less_than", "is less than", "one"),
    OperatorChoice("between", "is between", "range"),
)
"""How a behaviour's figure is compared; a test holds them to the engine's, as it does OUTCOMES."""
WINDOWS = (
    OperatorChoice("ever", "ever", "nothing"),
    OperatorChoice("in_the_last", "in the last", "span"),
    OperatorChoice("before_the_last", "before the last", "span"),
    OperatorChoice("between", "between", "range"),
)
OUTCOMES = {
    "targeted": "was targeted by",
    "sent": "was sent",
    "delivered": "had delivered",
    "failed": "could not be reached by",
    "opened": "opened",
    "clicked": "clicked in",
    "converted": "converted after",
    "held_out": "was held out of",
}


def rule_choices(
    crm: Crm,
    *,
    suggestions: Mapping[str, Sequence[str]],
    segments: Iterable[tuple[str, str]],
    campaigns: Iterable[tuple[str, str]],
) -> Choices:
    """Return the fields, operators, limits and saved things a rule may name now.

    Args:
        crm: The engine, for its catalogue and its workspace.
        suggestions: Frequent values by field, the most frequent first; those of an order's field
            under ``orders.`` and its name.
        segments: Ids and names of the segments that a rule may refer to.
        campaigns: Ids and names of the campaigns that a rule may refer to.
    """
    catalogue = crm.catalogue()
    fields = field_choices(crm)
    order_fields = {
        field.name: FieldChoice(
            field.name,
            field.label,
            str(field.type),
            "",
            {
                one.name: OperatorChoice(one.name, one.label, one.takes.name.lower())
                for one in field.operators.values()
            },
        )
        for field in catalogue.order_fields.values()
    }
    fixed = {field.name: field.choices for field in catalogue.order_fields.values()}
    lists = _Lists()
    return {
        "fields": [
            _field(one, lists, catalogue.fields[one.name].choices, suggestions.get(one.name, ()))
            for one in fields.values()
        ],
        "order_fields": [
            _field(one, lists, fixed[one.name], suggestions.get(f"{ORDERS}{one.name}", ()))
            for one in order_fields.values()
        ],
        "operators": lists.found,
        "aggregates": [
            {
                "name": one.name,
                "label": one.label,
                "of": list(one.of),
                "of_required": one.of_required,
                "types": {of or "": str(one.result(of)) for of in (None, *one.of)},
            }
            for one in catalogue.aggregates.values()
        ],
        "comparators": _operators(COMPARATORS),
        "windows": _operators(WINDOWS),
        "units": [{"name": unit, "label": f"{unit}s"} for unit in UNITS],
        "outcomes": [{"name": name, "label": label} for name, label in OUTCOMES.items()],
        "segments": [{"id": one, "name": name} for one, name in segments],
        "campaigns": [{"id": one, "name": name} for one, name in campaigns],
        "currency": _currency(crm.workspace),
        "zone": crm.workspace.zone.key,
        "locale": crm.workspace.locale.replace("_", "-"),
        "limits": {"levels": MAX_DEPTH, "nodes": MAX_NODES, "filters": MAX_FILTERS},
    }


class _Lists:
    """The lists of operators that fields have; most fields share theirs."""

    def __init__(self) -> None:
        self.found: dict[str, object] = {}

    def named(self, field: FieldChoice) -> str:
        """Return the name of the list of a field's operators."""
        listed = _operators(field.operators.values())
        known = next((name for name, one in self.found.items() if one == listed), None)
        name = known or f"operators{len(self.found)}"
        self.found[name] = listed
        return name


def _field(
    field: FieldChoice, lists: _Lists, fixed: Sequence[str], suggestions: Sequence[str]
) -> Choices:
    return {
        "name": field.name,
        "label": field.label,
        "group": field.group,
        "type": field.kind,
        "operators": lists.named(field),
        "first": field.first_operator,
        "choices": list(fixed),
        "suggestions": list(suggestions),
    }


def _operators(operators: Iterable[OperatorChoice]) -> list[dict[str, str]]:
    return [{"name": one.name, "label": one.label, "takes": one.takes} for one in operators]


def _currency(workspace: Workspace) -> Choices:
    # What is left of "₹0.00" without its figures; a currency without a sign has its code.
    figures = workspace.money(0)
    symbol = "".join(one for one in figures if not (one.isdigit() or one.isspace() or one in ".,"))
    currency = workspace.currency
    return {
        "code": currency.code,
        "symbol": symbol or currency.code,
        "decimals": currency.decimals,
    }
