"""Routes of players."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Player
from app.schemas.players import PlayerCreate, PlayerQuery, PlayerRead, PlayerUpdate

router = APIRouter(prefix="/players", tags=["players"])


@router.get("", responses=refuses(422))
async def list_players(
    query: Annotated[PlayerQuery, Query()], session: SessionDep
) -> Page[PlayerRead]:
    """List players: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Player, query), query, PlayerRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_player(body: PlayerCreate, session: SessionDep, response: Response) -> PlayerRead:
    """Make a new player."""
    player = Player(**body.model_dump(exclude_unset=True))
    await save(session, player)
    response.headers["Location"] = location("/players", player.id)
    return PlayerRead.model_validate(player)


@router.get("/{player_id}", responses=refuses(404, 422))
async def read_player(player_id: Integer, session: SessionDep) -> PlayerRead:
    """Show one player."""
    player = await find(session, Player, player_id)
    return PlayerRead.model_validate(player)


@router.patch("/{player_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_player(player_id: Integer, body: PlayerUpdate, session: SessionDep) -> PlayerRead:
    """Change what was sent of one player, and nothing else."""
    player = await find(session, Player, player_id)
    await save(session, player, body.model_dump(exclude_unset=True))
    return PlayerRead.model_validate(player)


@router.delete("/{player_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_player(player_id: Integer, session: SessionDep) -> None:
    """Delete one player for good."""
    player = await find(session, Player, player_id)
    await session.delete(player)
    await session.commit()
