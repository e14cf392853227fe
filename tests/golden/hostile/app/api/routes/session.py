"""Routes of sessions."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Session as SessionModel
from app.schemas.session import SessionCreate, SessionQuery, SessionRead, SessionUpdate

router = APIRouter(prefix="/session", tags=["session"])


@router.get("", responses=refuses(422))
async def list_session(
    query: Annotated[SessionQuery, Query()], session: SessionDep
) -> Page[SessionRead]:
    """List sessions: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(SessionModel, query), query, SessionRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_session(
    body: SessionCreate, session: SessionDep, response: Response
) -> SessionRead:
    """Make a new session."""
    session_row = SessionModel(**body.model_dump(exclude_unset=True))
    await save(session, session_row)
    response.headers["Location"] = location("/session", session_row.id)
    return SessionRead.model_validate(session_row)


@router.get("/{session_id}", responses=refuses(404, 422))
async def read_session(session_id: Integer, session: SessionDep) -> SessionRead:
    """Show one session."""
    session_row = await find(session, SessionModel, session_id)
    return SessionRead.model_validate(session_row)


@router.patch("/{session_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_session(
    session_id: Integer, body: SessionUpdate, session: SessionDep
) -> SessionRead:
    """Change what was sent of one session, and nothing else."""
    session_row = await find(session, SessionModel, session_id)
    await save(session, session_row, body.model_dump(exclude_unset=True))
    return SessionRead.model_validate(session_row)


@router.delete("/{session_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_session(session_id: Integer, session: SessionDep) -> None:
    """Delete one session for good."""
    session_row = await find(session, SessionModel, session_id)
    await session.delete(session_row)
    await session.commit()
