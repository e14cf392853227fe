"""Rows of payments."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.payments import PaymentCreate
from tests.factories.orders import make_order
from tests.rows import Json, add, number_of, url
from tests.samples import decimal, moment

PAYMENT_PATH = "/payments"


def url_of_payment(row: Json) -> str:
    """Say where a row can be read."""
    return url(PAYMENT_PATH, row["id"])


async def body_of_payment(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "payments")
    order = await make_order(session)
    return {
        "order_id": order["id"],
        "method": ["card", "transfer", "cash on delivery", "voucher"][number % 4],
        "amount": decimal(number % 1000000, 2),
        "received_at": moment(number),
    }


async def make_payment(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = PaymentCreate.model_validate(await body_of_payment(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Payment(**values))
