"""Routes of quotes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Quote
from app.schemas.quotes import QuoteCreate, QuoteQuery, QuoteRead, QuoteUpdate

router = APIRouter(prefix="/quotes", tags=["quotes"])


@router.get("", responses=refuses(422))
def list_quotes(query: Annotated[QuoteQuery, Query()], session: SessionDep) -> Page[QuoteRead]:
    """List quotes: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Quote, query), query, QuoteRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_quote(body: QuoteCreate, session: SessionDep, response: Response) -> QuoteRead:
    """Make a new quote."""
    quote = Quote(**body.model_dump(exclude_unset=True))
    save(session, quote)
    response.headers["Location"] = location("/quotes", quote.id)
    return QuoteRead.model_validate(quote)


@router.get("/{quote_id}", responses=refuses(404, 422))
def read_quote(quote_id: Integer, session: SessionDep) -> QuoteRead:
    """Show one quote."""
    quote = find(session, Quote, quote_id)
    return QuoteRead.model_validate(quote)


@router.patch("/{quote_id}", responses=refuses(400, 404, 409, 413, 422))
def update_quote(quote_id: Integer, body: QuoteUpdate, session: SessionDep) -> QuoteRead:
    """Change what was sent of one quote, and nothing else."""
    quote = find(session, Quote, quote_id)
    save(session, quote, body.model_dump(exclude_unset=True))
    return QuoteRead.model_validate(quote)


@router.delete("/{quote_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_quote(quote_id: Integer, session: SessionDep) -> None:
    """Delete one quote for good."""
    quote = find(session, Quote, quote_id)
    session.delete(quote)
    session.commit()
