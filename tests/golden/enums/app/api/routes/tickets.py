"""Routes of tickets."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Ticket
from app.schemas.tickets import TicketCreate, TicketQuery, TicketRead, TicketUpdate

router = APIRouter(prefix="/tickets", tags=["tickets"])


@router.get("", responses=refuses(422))
async def list_tickets(
    query: Annotated[TicketQuery, Query()], session: SessionDep
) -> Page[TicketRead]:
    """List tickets: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Ticket, query), query, TicketRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_ticket(body: TicketCreate, session: SessionDep, response: Response) -> TicketRead:
    """Make a new ticket."""
    ticket = Ticket(**body.model_dump(exclude_unset=True))
    await save(session, ticket)
    response.headers["Location"] = location("/tickets", ticket.id)
    return TicketRead.model_validate(ticket)


@router.get("/{ticket_id}", responses=refuses(404, 422))
async def read_ticket(ticket_id: Integer, session: SessionDep) -> TicketRead:
    """Show one ticket."""
    ticket = await find(session, Ticket, ticket_id)
    return TicketRead.model_validate(ticket)


@router.patch("/{ticket_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_ticket(ticket_id: Integer, body: TicketUpdate, session: SessionDep) -> TicketRead:
    """Change what was sent of one ticket, and nothing else."""
    ticket = await find(session, Ticket, ticket_id)
    await save(session, ticket, body.model_dump(exclude_unset=True))
    return TicketRead.model_validate(ticket)


@router.delete("/{ticket_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_ticket(ticket_id: Integer, session: SessionDep) -> None:
    """Delete one ticket for good."""
    ticket = await find(session, Ticket, ticket_id)
    await session.delete(ticket)
    await session.commit()
