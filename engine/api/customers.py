"""One customer: read, and erased."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from engine.api.asking import CustomerId  # noqa: TC001 - FastAPI reads it
from engine.api.authority import Erase, Read
from engine.api.context import Engine  # noqa: TC001 - FastAPI reads it
from engine.api.problems import documented
from engine.domain.customer import checked_customer_id

if TYPE_CHECKING:
    from engine.domain.customer import Attribute

router = APIRouter(tags=["customers"])


class Lifetime(BaseModel):
    """What a customer's orders add up to."""

    order_count: int = Field(description="completed orders", examples=[12])
    total_spend: str = Field(
        description="over completed and refunded orders, in major units", examples=["5400.00"]
    )
    currency: str = Field(description="ISO 4217", examples=["INR"])
    last_order_at: datetime | None = Field(description="of the completed orders, UTC")
    as_of: datetime = Field(description="orders that came in later may be missing, UTC")


class StoredCustomer(BaseModel):
    """A customer as stored, and what the orders add up to. What is not known is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer_id": "c-7",
                "email": "asha@example.com",
                "phone": "+919820012345",
                "name": "Asha Rao",
                "city": "Pune",
                "country": "India",
                "gender": None,
                "birth_date": "1990-02-28",
                "signed_up_at": "2024-11-05T08:00:00Z",
                "tags": ["vip"],
                "attributes": {"loyalty_points": 1200, "newsletter": True, "sizes": ["42"]},
                "lifetime": {
                    "order_count": 12,
                    "total_spend": "5400.00",
                    "currency": "INR",
                    "last_order_at": "2026-03-28T09:30:00Z",
                    "as_of": "2026-03-31T11:59:59.812Z",
                },
            }
        }
    )

    customer_id: str
    email: str | None
    phone: str | None
    name: str | None
    city: str | None
    country: str | None
    gender: str | None
    birth_date: date | None
    signed_up_at: datetime | None
    tags: list[str]
    attributes: dict[str, str | float | bool | datetime | list[str]]
    lifetime: Lifetime


class ErasedCounts(BaseModel):
    """How many records of the person went, when they were first erased."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"customers": 1, "orders": 12, "deliveries": 3}}
    )

    customers: int = Field(description="1, or 0 where nobody was stored under the id")
    orders: int = Field(description="kept for the books; they no longer name anybody")
    deliveries: int = Field(description="kept in the campaigns' counts; their messages went")


@router.get(
    "/customers/{customer_id:path}",
    dependencies=[Read],
    summary="Read a customer",
    response_description="The customer.",
    responses=documented(400, 401, 403, 404, 422, 429, 503),
)
def read_customer(customer_id: CustomerId, crm: Engine) -> StoredCustomer:
    """Return the profile as it is stored, and the lifetime figures that segments go by."""
    stored = crm.customer(checked_customer_id(customer_id)).customer
    lifetime = crm.lifetime(stored.customer_id)
    currency = crm.workspace.currency
    return StoredCustomer(
        customer_id=stored.customer_id,
        email=stored.email,
        phone=stored.phone,
        name=stored.name,
        city=stored.city,
        country=stored.country,
        gender=stored.gender,
        birth_date=stored.birth_date,
        signed_up_at=stored.signed_up_at,
        tags=list(stored.tags),
        attributes={name: _json(value) for name, value in stored.attributes.items()},
        lifetime=Lifetime(
            order_count=lifetime.order_count,
            total_spend=currency.text(lifetime.total_spend),
            currency=currency.code,
            last_order_at=lifetime.last_order_at,
            as_of=crm.freshness().as_of,
        ),
    )


@router.delete(
    "/customers/{customer_id:path}",
    dependencies=[Erase],
    summary="Erase a person",
    response_description="What went.",
    responses=documented(400, 401, 403, 404, 422, 429, 503),  # 404: no path takes a line break
)
def erase_customer(customer_id: CustomerId, crm: Engine) -> ErasedCounts:
    """Erase a person for good; erasing again answers the same.

    The profile goes. Orders stay for the books and deliveries in the counts of their campaigns,
    but neither names anybody. A keyed hash of the id stays, so that later imports and requests
    that name it are turned away, an id that was never stored included.
    """
    gone = crm.erase_customer(customer_id)
    return ErasedCounts(customers=gone.customers, orders=gone.orders, deliveries=gone.deliveries)


def _json(value: Attribute) -> str | float | bool | datetime | list[str]:
    return list(value) if isinstance(value, tuple) else value
