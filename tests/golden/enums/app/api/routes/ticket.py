"""Routes of tickets."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import OldTicket
from app.models.enums import OldTicketCode
from app.schemas.ticket import OldTicketCreate, OldTicketQuery, OldTicketRead, OldTicketUpdate

router = APIRouter(prefix="/ticket", tags=["ticket"])


@router.get("", responses=refuses(422))
async def list_ticket(
    query: Annotated[OldTicketQuery, Query()], session: SessionDep
) -> Page[OldTicketRead]:
    """List tickets: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(OldTicket, query), query, OldTicketRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_old_ticket(
    body: OldTicketCreate, session: SessionDep, response: Response
) -> OldTicketRead:
    """Make a new old ticket."""
    old_ticket = OldTicket(**body.model_dump(exclude_unset=True))
    await save(session, old_ticket)
    response.headers["Location"] = location("/ticket", old_ticket.code)
    return OldTicketRead.model_validate(old_ticket)


@router.get("/{code}", responses=refuses(404, 422))
async def read_old_ticket(code: OldTicketCode, session: SessionDep) -> OldTicketRead:
    """Show one old ticket."""
    old_ticket = await find(session, OldTicket, code)
    return OldTicketRead.model_validate(old_ticket)


@router.patch("/{code}", responses=refuses(400, 404, 409, 413, 422))
async def update_old_ticket(
    code: OldTicketCode, body: OldTicketUpdate, session: SessionDep
) -> OldTicketRead:
    """Change what was sent of one old ticket, and nothing else."""
    old_ticket = await find(session, OldTicket, code)
    await save(session, old_ticket, body.model_dump(exclude_unset=True))
    return OldTicketRead.model_validate(old_ticket)


@router.delete("/{code}", status_code=204, responses=refuses(404, 409, 422))
async def delete_old_ticket(code: OldTicketCode, session: SessionDep) -> None:
    """Delete one old ticket for good."""
    old_ticket = await find(session, OldTicket, code)
    await session.delete(old_ticket)
    await session.commit()
