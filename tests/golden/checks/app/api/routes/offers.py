"""Routes of offers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Offer
from app.schemas.offers import OfferCreate, OfferQuery, OfferRead, OfferUpdate

router = APIRouter(prefix="/offers", tags=["offers"])


@router.get("", responses=refuses(422))
async def list_offers(
    query: Annotated[OfferQuery, Query()], session: SessionDep
) -> Page[OfferRead]:
    """List offers: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Offer, query), query, OfferRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_offer(body: OfferCreate, session: SessionDep, response: Response) -> OfferRead:
    """Make a new offer."""
    offer = Offer(**body.model_dump(exclude_unset=True))
    await save(session, offer)
    response.headers["Location"] = location("/offers", offer.id)
    return OfferRead.model_validate(offer)


@router.get("/{offer_id}", responses=refuses(404, 422))
async def read_offer(offer_id: Integer, session: SessionDep) -> OfferRead:
    """Show one offer."""
    offer = await find(session, Offer, offer_id)
    return OfferRead.model_validate(offer)


@router.patch("/{offer_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_offer(offer_id: Integer, body: OfferUpdate, session: SessionDep) -> OfferRead:
    """Change what was sent of one offer, and nothing else."""
    offer = await find(session, Offer, offer_id)
    await save(session, offer, body.model_dump(exclude_unset=True))
    return OfferRead.model_validate(offer)


@router.delete("/{offer_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_offer(offer_id: Integer, session: SessionDep) -> None:
    """Delete one offer for good."""
    offer = await find(session, Offer, offer_id)
    await session.delete(offer)
    await session.commit()
