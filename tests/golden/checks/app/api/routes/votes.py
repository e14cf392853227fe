"""Routes of votes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Vote
from app.schemas.votes import VoteCreate, VoteQuery, VoteRead, VoteUpdate

router = APIRouter(prefix="/votes", tags=["votes"])


@router.get("", responses=refuses(422))
async def list_votes(query: Annotated[VoteQuery, Query()], session: SessionDep) -> Page[VoteRead]:
    """List votes: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Vote, query), query, VoteRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_vote(body: VoteCreate, session: SessionDep, response: Response) -> VoteRead:
    """Make a new vote."""
    vote = Vote(**body.model_dump(exclude_unset=True))
    await save(session, vote)
    response.headers["Location"] = location("/votes", vote.id)
    return VoteRead.model_validate(vote)


@router.get("/{vote_id}", responses=refuses(404, 422))
async def read_vote(vote_id: Integer, session: SessionDep) -> VoteRead:
    """Show one vote."""
    vote = await find(session, Vote, vote_id)
    return VoteRead.model_validate(vote)


@router.patch("/{vote_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_vote(vote_id: Integer, body: VoteUpdate, session: SessionDep) -> VoteRead:
    """Change what was sent of one vote, and nothing else."""
    vote = await find(session, Vote, vote_id)
    await save(session, vote, body.model_dump(exclude_unset=True))
    return VoteRead.model_validate(vote)


@router.delete("/{vote_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_vote(vote_id: Integer, session: SessionDep) -> None:
    """Delete one vote for good."""
    vote = await find(session, Vote, vote_id)
    await session.delete(vote)
    await session.commit()
