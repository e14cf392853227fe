"""Routes of badges."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Badge
from app.schemas.badges import BadgeCreate, BadgeQuery, BadgeRead, BadgeUpdate

router = APIRouter(prefix="/badges", tags=["badges"])


@router.get("", responses=refuses(422))
async def list_badges(
    query: Annotated[BadgeQuery, Query()], session: SessionDep
) -> Page[BadgeRead]:
    """List badges: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Badge, query), query, BadgeRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_badge(body: BadgeCreate, session: SessionDep, response: Response) -> BadgeRead:
    """Make a new badge."""
    badge = Badge(**body.model_dump(exclude_unset=True))
    await save(session, badge)
    response.headers["Location"] = location("/badges", badge.serial)
    return BadgeRead.model_validate(badge)


@router.get("/{serial}", responses=refuses(404, 422))
async def read_badge(serial: Key, session: SessionDep) -> BadgeRead:
    """Show one badge."""
    badge = await find(session, Badge, serial)
    return BadgeRead.model_validate(badge)


@router.patch("/{serial}", responses=refuses(400, 404, 409, 413, 422))
async def update_badge(serial: Key, body: BadgeUpdate, session: SessionDep) -> BadgeRead:
    """Change what was sent of one badge, and nothing else."""
    badge = await find(session, Badge, serial)
    await save(session, badge, body.model_dump(exclude_unset=True))
    return BadgeRead.model_validate(badge)


@router.delete("/{serial}", status_code=204, responses=refuses(404, 409, 422))
async def delete_badge(serial: Key, session: SessionDep) -> None:
    """Delete one badge for good."""
    badge = await find(session, Badge, serial)
    await session.delete(badge)
    await session.commit()
