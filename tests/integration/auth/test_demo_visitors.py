"""Visitors of a demo share its roles, and learn nothing of each other's whereabouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.actor import SYSTEM
from engine.domain.audit import AuditFilter
from engine.domain.permission import Role
from engine.domain.user import Origin

if TYPE_CHECKING:
    from tests.integration.auth.conftest import Opening

ONE, OTHER = (
    Origin(address="203.0.113.9", agent="one"),
    Origin(address="2001:db8::7", agent="other"),
)


def test_a_visitor_is_shown_no_address_of_another(opening: Opening) -> None:
    crm = opening(demo=True)
    first = crm.access.enter_demo(Role.ADMIN, origin=ONE)
    second = crm.access.enter_demo(Role.ADMIN, origin=OTHER)
    crm.acting_as(first.signed_in.actor()).create_api_key("Till", ["read"])
    me = crm.acting_as(second.signed_in.actor())
    shown = me.audit_page(AuditFilter()).entries
    assert {one.address for one in shown} == {"203.0.113.0/24", "2001:db8::/48"}
    listed = tuple(me.audit_lines(AuditFilter()))
    assert {one.address for one in listed} == {"203.0.113.0/24", "2001:db8::/48"}
    assert [one.origin for one in me.sessions_of("admin@demo.invalid")] == [OTHER]
    kept = crm.acting_as(SYSTEM).audit_page(AuditFilter()).entries
    assert {"203.0.113.9", "2001:db8::7"} <= {one.address for one in kept}
