"""Routes of rates."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Rate
from app.schemas.rates import RateCreate, RateQuery, RateRead, RateUpdate

router = APIRouter(prefix="/rates", tags=["rates"])


@router.get("", responses=refuses(422))
def list_rates(query: Annotated[RateQuery, Query()], session: SessionDep) -> Page[RateRead]:
    """List rates: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Rate, query), query, RateRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_rate(body: RateCreate, session: SessionDep, response: Response) -> RateRead:
    """Make a new rate."""
    rate = Rate(**body.model_dump(exclude_unset=True))
    save(session, rate)
    response.headers["Location"] = location("/rates", rate.id)
    return RateRead.model_validate(rate)


@router.get("/{rate_id}", responses=refuses(404, 422))
def read_rate(rate_id: Integer, session: SessionDep) -> RateRead:
    """Show one rate."""
    rate = find(session, Rate, rate_id)
    return RateRead.model_validate(rate)


@router.patch("/{rate_id}", responses=refuses(400, 404, 409, 413, 422))
def update_rate(rate_id: Integer, body: RateUpdate, session: SessionDep) -> RateRead:
    """Change what was sent of one rate, and nothing else."""
    rate = find(session, Rate, rate_id)
    save(session, rate, body.model_dump(exclude_unset=True))
    return RateRead.model_validate(rate)


@router.delete("/{rate_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_rate(rate_id: Integer, session: SessionDep) -> None:
    """Delete one rate for good."""
    rate = find(session, Rate, rate_id)
    session.delete(rate)
    session.commit()
