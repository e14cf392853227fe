"""Routes of customers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.references import check_unused
from app.core.rows import find, location, save
from app.models import Customer
from app.schemas.customers import CustomerCreate, CustomerQuery, CustomerRead, CustomerUpdate

router = APIRouter(prefix="/customers", tags=["customers"])


@router.get("", responses=refuses(422))
async def list_customers(
    query: Annotated[CustomerQuery, Query()], session: SessionDep
) -> Page[CustomerRead]:
    """List customers: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Customer, query), query, CustomerRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_customer(
    body: CustomerCreate, session: SessionDep, response: Response
) -> CustomerRead:
    """Make a new customer."""
    customer = Customer(**body.model_dump(exclude_unset=True))
    await save(session, customer)
    response.headers["Location"] = location("/customers", customer.id)
    return CustomerRead.model_validate(customer)


@router.get("/{customer_id}", responses=refuses(404, 422))
async def read_customer(
    customer_id: BigInteger, session: SessionDep, include_deleted: bool = False
) -> CustomerRead:
    """Show one customer."""
    customer = await find(session, Customer, customer_id, include_deleted=include_deleted)
    return CustomerRead.model_validate(customer)


@router.patch("/{customer_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_customer(
    customer_id: BigInteger, body: CustomerUpdate, session: SessionDep
) -> CustomerRead:
    """Change what was sent of one customer, and nothing else."""
    customer = await find(session, Customer, customer_id)
    await save(session, customer, body.model_dump(exclude_unset=True))
    return CustomerRead.model_validate(customer)


@router.delete("/{customer_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_customer(customer_id: BigInteger, session: SessionDep) -> None:
    """Hide one customer; it can be restored."""
    customer = await find(session, Customer, customer_id)
    await check_unused(session, customer)
    customer.is_deleted = True
    customer.deleted_at = utc_now()
    await session.commit()


@router.post("/{customer_id}/restore", responses=refuses(404, 422))
async def restore_customer(customer_id: BigInteger, session: SessionDep) -> CustomerRead:
    """Bring one deleted customer back; it may be there already."""
    customer = await find(session, Customer, customer_id, include_deleted=True)
    customer.is_deleted = False
    customer.deleted_at = None
    await save(session, customer)
    return CustomerRead.model_validate(customer)
