"""What a row of each file holds: plain JSON, money as decimal strings, instants in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.customer import TEXT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.domain.campaign import Campaign
    from engine.domain.customer import Customer
    from engine.domain.delivery import Delivery
    from engine.domain.money import Currency
    from engine.domain.order import Order
    from engine.domain.segment import Segment, SegmentVersion
    from engine.domain.user import User

Row = dict[str, Any]


def customer_row(one: Customer) -> Row:
    """Return a customer as ``POST /v1/customers`` takes one."""
    texts: Row = {name: getattr(one, name) for name in TEXT_FIELDS}
    return {
        "customer_id": one.customer_id,
        **texts,
        "birth_date": one.birth_date,
        "signed_up_at": one.signed_up_at,
        "tags": one.tags,
        "attributes": dict(one.attributes),
    }


def order_row(one: Order, currency: Currency) -> Row:
    """Return an order as ``POST /v1/orders`` takes one."""
    return {
        "order_id": one.order_id,
        "customer_id": one.customer_id,
        "ordered_at": one.ordered_at,
        "status": one.status,
        "channel": one.channel,
        "currency": currency.code,
        "amount": currency.text(one.amount),
        "items": [
            {
                "sku": item.sku,
                "name": item.name,
                "category": item.category,
                "quantity": item.quantity,
                "unit_price": f"{item.unit_price:f}",
            }
            for item in one.items
        ],
    }


def segment_row(one: Segment, history: Iterable[SegmentVersion]) -> Row:
    """Return a segment with every version of it, the latest first."""
    return {
        "segment_id": one.segment_id,
        "name": one.name,
        "description": one.description,
        "tags": one.tags,
        "rule": one.document,
        "version": one.version,
        "saved_at": one.saved_at,
        "saved_by": one.saved_by,
        "versions": [
            {
                "version": each.version,
                "name": each.content.name,
                "description": each.content.description,
                "tags": each.content.tags,
                "rule": each.content.document,
                "saved_at": each.saved_at,
                "saved_by": each.saved_by,
                "restored_from": each.restored_from,
            }
            for each in history
        ],
    }


def campaign_row(one: Campaign) -> Row:
    """Return a campaign, with the rules as they stood at its launch."""
    launch = one.launch
    return {
        "campaign_id": one.campaign_id,
        "name": one.name,
        "segment_id": one.segment_id,
        "channel": one.message.channel,
        "subject": one.message.subject,
        "body": one.message.body,
        "status": one.status,
        "version": one.version,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "launched_at": launch and launch.now,
        "launched_by": launch and launch.by,
        "rule": launch and launch.document,
        "rules_of_segments": launch and launch.referred,
        "segment_version": launch and launch.segment_version,
        "audience": one.audience,
        "sent": one.sent,
        "failed": one.failed,
        "finished_at": one.finished_at,
        "problem": one.problem,
    }


def delivery_row(one: Delivery) -> Row:
    """Return a delivery, with the message as it was rendered."""
    return {
        "delivery_id": one.delivery_id,
        "campaign_id": one.campaign_id,
        "customer_id": one.customer_id,
        "status": one.status,
        "attempts": one.attempts,
        "subject": one.subject,
        "body": one.body,
        "reason": one.reason,
        "vendor_message_id": one.vendor_message_id,
        "ended_at": one.ended_at,
    }


def person_row(one: User) -> Row:
    """Return a person, without the account that they sign in with."""
    return {
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "status": one.status,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "last_sign_in_at": one.last_sign_in_at,
    }
