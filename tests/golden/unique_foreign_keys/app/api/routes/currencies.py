"""Routes of currencies."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Currency
from app.schemas.currencies import CurrencyCreate, CurrencyQuery, CurrencyRead, CurrencyUpdate

router = APIRouter(prefix="/currencies", tags=["currencies"])


@router.get("", responses=refuses(422))
def list_currencies(
    query: Annotated[CurrencyQuery, Query()], session: SessionDep
) -> Page[CurrencyRead]:
    """List currencies: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Currency, query), query, CurrencyRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_currency(body: CurrencyCreate, session: SessionDep, response: Response) -> CurrencyRead:
    """Make a new currency."""
    currency = Currency(**body.model_dump(exclude_unset=True))
    save(session, currency)
    response.headers["Location"] = location("/currencies", currency.id)
    return CurrencyRead.model_validate(currency)


@router.get("/{currency_id}", responses=refuses(404, 422))
def read_currency(currency_id: Integer, session: SessionDep) -> CurrencyRead:
    """Show one currency."""
    currency = find(session, Currency, currency_id)
    return CurrencyRead.model_validate(currency)


@router.patch("/{currency_id}", responses=refuses(400, 404, 409, 413, 422))
def update_currency(
    currency_id: Integer, body: CurrencyUpdate, session: SessionDep
) -> CurrencyRead:
    """Change what was sent of one currency, and nothing else."""
    currency = find(session, Currency, currency_id)
    save(session, currency, body.model_dump(exclude_unset=True))
    return CurrencyRead.model_validate(currency)


@router.delete("/{currency_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_currency(currency_id: Integer, session: SessionDep) -> None:
    """Delete one currency for good."""
    currency = find(session, Currency, currency_id)
    session.delete(currency)
    session.commit()
