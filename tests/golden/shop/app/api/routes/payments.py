"""Routes of payments."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Payment
from app.schemas.payments import PaymentCreate, PaymentQuery, PaymentRead, PaymentUpdate

router = APIRouter(prefix="/payments", tags=["payments"])


@router.get("", responses=refuses(422))
async def list_payments(
    query: Annotated[PaymentQuery, Query()], session: SessionDep
) -> Page[PaymentRead]:
    """List payments: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Payment, query), query, PaymentRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_payment(
    body: PaymentCreate, session: SessionDep, response: Response
) -> PaymentRead:
    """Make a new payment."""
    payment = Payment(**body.model_dump(exclude_unset=True))
    await save(session, payment)
    response.headers["Location"] = location("/payments", payment.id)
    return PaymentRead.model_validate(payment)


@router.get("/{payment_id}", responses=refuses(404, 422))
async def read_payment(payment_id: BigInteger, session: SessionDep) -> PaymentRead:
    """Show one payment."""
    payment = await find(session, Payment, payment_id)
    return PaymentRead.model_validate(payment)


@router.patch("/{payment_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_payment(
    payment_id: BigInteger, body: PaymentUpdate, session: SessionDep
) -> PaymentRead:
    """Change what was sent of one payment, and nothing else."""
    payment = await find(session, Payment, payment_id)
    await save(session, payment, body.model_dump(exclude_unset=True))
    return PaymentRead.model_validate(payment)


@router.delete("/{payment_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_payment(payment_id: BigInteger, session: SessionDep) -> None:
    """Delete one payment for good."""
    payment = await find(session, Payment, payment_id)
    await session.delete(payment)
    await session.commit()
