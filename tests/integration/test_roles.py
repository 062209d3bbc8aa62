"""Who may call what: every method of the engine, tried with every role and every scope.

The tables below are the rules; they are written out, not derived from what they test.
"""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth import seldom
from engine.auth.permitted import NEEDS
from engine.crm import Crm
from engine.domain.actor import NOBODY, SYSTEM, Actor
from engine.domain.api_key import Scope
from engine.domain.audit import Action, AuditFilter, Outcome
from engine.domain.permission import OF_ROLE, Permission, Role, of_scopes
from engine.errors import Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[2]

MAY = {
    # Figures, and what they are figures of; nothing about one person.
    "viewer analyst marketer admin read": """
        freshness refresh overview demo_counts catalogue preview_segment names_in words
        segments segment segment_history segment_difference segment_usage segment_sizes
        campaigns campaign template_fields delivery_figures failures model_usage
    """,
    # People, one by one or all at once; and rules of one's own, which can ask after one.
    "analyst marketer admin read": """
        snapshot_at_least search_customers customer lifetime suggestions ask preview explain
        count_in_mongodb deliveries
        customers_frame orders_frame members member_page member_file delivery_log
    """,
    "analyst marketer admin": """
        save_segment delete_segment restore_segment segment_conflict
        inspect_file import_presets saved_mappings save_mapping guess_mapping fitting_mappings
        import_fields mapping_problems choose_mapping run_import imports
    """,
    "marketer admin": """
        save_campaign delete_campaign_draft render_examples launch_campaign
        write_copy rewrite_copy subject_lines check_copy
    """,
    "admin": """
        create_api_key api_keys api_keys_of revoke_api_key
        audit_page audit_lines audit_actors
        people invite_person set_role disable_person enable_person remove_person
        sessions_of sign_person_out
        vendor_credentials can_keep_credentials set_vendor_credential remove_vendor_credential
        workspace_choices choose_workspace export_everything
        verify_mirror give_demo_when_new load_demo remove_demo
        consumer stream_figures dead_letters dead_letter replay_dead_letter drop_dead_letter
    """,
    "admin erase": "erasure_preview erase_customer",
    "ingest": "take_orders take_customers take_stream revision check_orders check_customers",
}
"""By who may: the methods. A person by role, a program by its key's scope."""

OPEN = {
    "acting_as": "says who asks; what they may do is looked at when they call",
    "note_refusal": "writes down what was refused",
    "close": "ends the process's own engine",
    "authenticate": "is how a program shows who it is",
    "check_ready": "answers whoever watches the server, and holds no figure",
    "mirror_figures": "answers whoever watches the server: how many rows, as of when",
    "model_figures": "answers whoever watches the server: how many questions and tokens",
}
"""Methods without a lock, each with its reason."""

PAGES_SEE = {"workspace", "clock"}
"""Attributes of the engine, beside its locked methods, that pages may read."""
API_SEES = PAGES_SEE | {
    *("authenticate", "check_ready", "mirror_figures", "model_figures", "note_refusal"),
    "acting_as",  # with the actor of the key that was checked
    "api_rates",
    "stores",  # the idempotency records, behind the route's scope
    "stream",  # is published to behind the route's scope, after the rows were checked
}
"""The same of the API."""

HANDLE_SEES = {"close", "acting_as", "access"}
"""The same of the one module through which pages reach the engine."""

ENGINES = {"Crm", "Engine"}

PEOPLE = {role.value: Actor(f"{role}@example.com", OF_ROLE[role], "person") for role in Role}
KEYS = {scope.value: Actor(f"key {scope}", of_scopes([scope]), "program") for scope in Scope}
EVERYBODY = {**PEOPLE, **KEYS, "nobody": NOBODY, "nothing": Actor("someone", kind="person")}


def public_methods() -> dict[str, Any]:
    return {
        name: method
        for name, method in inspect.getmembers(Crm, inspect.isfunction)
        if not name.startswith("_")
    }


def may() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for who, methods in MAY.items():
        for name in methods.split():
            assert name not in found, f"{name} stands twice"
            found[name] = set(who.split())
    return found


def is_let_in(crm: Crm, name: str) -> bool:
    """Call a method with an argument that none has: who is let in gets as far as that."""
    with pytest.raises((Forbidden, TypeError)) as raised:
        getattr(crm, name)(no_such_argument=1)
    return raised.type is TypeError


def test_every_method_is_locked_or_open_for_a_reason() -> None:
    methods = public_methods()
    assert methods.keys() - OPEN.keys() == may().keys()
    assert {name for name in methods if hasattr(methods[name], NEEDS)} == may().keys()
    assert OPEN.keys() <= methods.keys()


def test_every_method_lets_in_whom_the_table_says_and_tells_of_everyone_else(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seldom, "MOST_REFUSALS", 10_000)  # all of them in one minute
    found = {
        name: {who for who, actor in EVERYBODY.items() if is_let_in(crm.acting_as(actor), name)}
        for name in may()
    }
    assert found == may()
    assert all(is_let_in(crm.acting_as(SYSTEM), name) for name in may())
    refused = {
        (entry.actor, entry.about)
        for entry in crm.audit_lines(AuditFilter(action=Action.CALL))
        if entry.outcome is Outcome.REFUSED
    }
    assert refused == {
        (actor.name, ("call", name))
        for name, allowed in may().items()
        for who, actor in EVERYBODY.items()
        if who not in allowed
    }


def test_who_may_change_segments_or_campaigns_or_export_may_see_people() -> None:
    """So they read every rule as it is: what they save is never one that was hidden from them."""
    beyond = {Permission.SEGMENTS, Permission.CAMPAIGNS, Permission.EXPORT}
    for actor in EVERYBODY.values():
        assert Permission.PEOPLE in actor.permissions or not beyond & actor.permissions, actor.name


def test_a_key_of_two_scopes_may_do_what_either_may() -> None:
    assert of_scopes([Scope.READ, Scope.ERASE]) == of_scopes([Scope.READ]) | of_scopes(
        [Scope.ERASE]
    )
    assert of_scopes([]) == frozenset()


def test_each_role_may_all_that_the_one_before_may() -> None:
    for lower, higher in pairwise(Role):
        assert OF_ROLE[lower] < OF_ROLE[higher]


def engine_reads(source: str, givers: set[str]) -> Iterator[tuple[int, str]]:
    """Yield each attribute of the engine that a module reads, with its line.

    The engine is what one of ``givers`` returns, a variable that holds that, and a parameter whose
    type is Crm or Engine; and what is returned by what for_later() returned.
    """
    tree = ast.parse(source)
    later = {
        ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.value).endswith("for_later()")
    }

    def gives(node: ast.AST | None) -> bool:
        if not isinstance(node, ast.Call):
            return False
        called = ast.unparse(node.func)
        return called in later or called.rpartition(".")[2] in givers

    names = {name for node in ast.walk(tree) for name in named(node, gives)}

    def is_engine(node: ast.AST) -> bool:
        return gives(node) or (isinstance(node, ast.Name) and node.id in names)

    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_engine(node.value):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"getattr", "vars", "dir"}:
            yield from ((node.lineno, "(computed)") for one in node.args if is_engine(one))


def named(node: ast.AST, gives: Callable[[ast.AST | None], bool]) -> Iterator[str]:
    """Yield the names that hold the engine after a node."""
    match node:
        case ast.arg(annotation=ast.expr() as kind) if ast.unparse(kind).strip("\"'") in ENGINES:
            yield node.arg
        case ast.Assign(value=value) if gives(value):
            yield from map(ast.unparse, node.targets)
        case ast.NamedExpr(value=value) | ast.AnnAssign(value=value) if gives(value):
            yield ast.unparse(node.target)
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as held) if gives(value):
            yield ast.unparse(held)


@pytest.mark.parametrize(
    ("folder", "sees"), [("pages", PAGES_SEE), ("engine/api", API_SEES)], ids=["pages", "api"]
)
def test_doors_use_locked_methods_only(folder: str, sees: set[str]) -> None:
    givers = {"crm", "provided", "_opened", "open_crm", "the_crm", "_crm", "acting_as"}
    givers |= {"_engine"}
    found = {
        (path.relative_to(PROJECT).as_posix(), line, attribute)
        for path in sorted((PROJECT / folder).rglob("*.py"))
        for line, attribute in engine_reads(path.read_text(), givers)
    }
    assert len(found) > 10
    # The handle of the pages opens the engine, hands it out to who is signed in, and closes it.
    handle = ("pages/_ui/engine.py", HANDLE_SEES)
    wrong = {
        (path, line, name)
        for path, line, name in found
        if name not in sees | may().keys() and not (path == handle[0] and name in handle[1])
    }
    assert wrong == set()


@pytest.mark.parametrize(
    "line",
    [
        "crm().stores.customers.all()",
        "engine.crm().eraser",
        "one = crm()\none.audit",
        "def f(one: Crm) -> None:\n    one.seeder.seed()",
        "if one := crm():\n    one.keys",
        "with open_crm() as one:\n    one.worker",
        "getattr(crm(), 'stores')",
        "one = for_later()\none().eraser",
    ],
)
def test_a_door_that_reaches_past_the_locks_is_found(line: str) -> None:
    found = {attribute for _, attribute in engine_reads(line, {"crm", "open_crm"})}
    assert found
    assert found.isdisjoint(PAGES_SEE | may().keys())
