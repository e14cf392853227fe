"""Routes of teams."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Team
from app.schemas.teams import TeamCreate, TeamQuery, TeamRead, TeamUpdate

router = APIRouter(prefix="/teams", tags=["teams"])


@router.get("", responses=refuses(422))
async def list_teams(query: Annotated[TeamQuery, Query()], session: SessionDep) -> Page[TeamRead]:
    """List teams: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Team, query), query, TeamRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_team(body: TeamCreate, session: SessionDep, response: Response) -> TeamRead:
    """Make a new team."""
    team = Team(**body.model_dump(exclude_unset=True))
    await save(session, team)
    response.headers["Location"] = location("/teams", team.id)
    return TeamRead.model_validate(team)


@router.get("/{team_id}", responses=refuses(404, 422))
async def read_team(team_id: Integer, session: SessionDep) -> TeamRead:
    """Show one team."""
    team = await find(session, Team, team_id)
    return TeamRead.model_validate(team)


@router.patch("/{team_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_team(team_id: Integer, body: TeamUpdate, session: SessionDep) -> TeamRead:
    """Change what was sent of one team, and nothing else."""
    team = await find(session, Team, team_id)
    await save(session, team, body.model_dump(exclude_unset=True))
    return TeamRead.model_validate(team)


@router.delete("/{team_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_team(team_id: Integer, session: SessionDep) -> None:
    """Delete one team for good."""
    team = await find(session, Team, team_id)
    await session.delete(team)
    await session.commit()
