"""Rows of customers."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.customers import CustomerCreate
from tests.rows import Json, add, number_of, url
from tests.samples import decimal, text

CUSTOMER_PATH = "/customers"


def url_of_customer(row: Json) -> str:
    """Say where a row can be read."""
    return url(CUSTOMER_PATH, row["id"])


async def body_of_customer(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "customers")
    return {
        "email": text("email", number),
        "full_name": text("full-name", number),
        "tier": ["standard", "silver", "gold"][number % 3],
        "credit_limit": decimal(number % 1000000, 2),
    }


async def make_customer(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = CustomerCreate.model_validate(await body_of_customer(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Customer(**values))
