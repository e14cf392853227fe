"""Routes of prices."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Date, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Price
from app.schemas.prices import PriceCreate, PriceQuery, PriceRead, PriceUpdate

router = APIRouter(prefix="/prices", tags=["prices"])


@router.get("", responses=refuses(422))
def list_prices(query: Annotated[PriceQuery, Query()], session: SessionDep) -> Page[PriceRead]:
    """List prices: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Price, query), query, PriceRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_price(body: PriceCreate, session: SessionDep, response: Response) -> PriceRead:
    """Make a new price."""
    price = Price(**body.model_dump(exclude_unset=True))
    save(session, price)
    response.headers["Location"] = location("/prices", price.day, price.city_id)
    return PriceRead.model_validate(price)


@router.get("/{day}/{city_id}", responses=refuses(404, 422))
def read_price(day: Date, city_id: Uuid, session: SessionDep) -> PriceRead:
    """Show one price."""
    price = find(session, Price, (day, city_id))
    return PriceRead.model_validate(price)


@router.patch("/{day}/{city_id}", responses=refuses(400, 404, 409, 413, 422))
def update_price(day: Date, city_id: Uuid, body: PriceUpdate, session: SessionDep) -> PriceRead:
    """Change what was sent of one price, and nothing else."""
    price = find(session, Price, (day, city_id))
    save(session, price, body.model_dump(exclude_unset=True))
    return PriceRead.model_validate(price)


@router.delete("/{day}/{city_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_price(day: Date, city_id: Uuid, session: SessionDep) -> None:
    """Delete one price for good."""
    price = find(session, Price, (day, city_id))
    session.delete(price)
    session.commit()
