"""Routes of memberships."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Membership
from app.schemas.memberships import (
    MembershipCreate,
    MembershipQuery,
    MembershipRead,
    MembershipUpdate,
)

router = APIRouter(prefix="/memberships", tags=["memberships"])


@router.get("", responses=refuses(422))
async def list_memberships(
    query: Annotated[MembershipQuery, Query()], session: SessionDep
) -> Page[MembershipRead]:
    """List memberships: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Membership, query), query, MembershipRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_membership(
    body: MembershipCreate, session: SessionDep, response: Response
) -> MembershipRead:
    """Make a new membership."""
    membership = Membership(**body.model_dump(exclude_unset=True))
    await save(session, membership)
    response.headers["Location"] = location("/memberships", membership.id)
    return MembershipRead.model_validate(membership)


@router.get("/{membership_id}", responses=refuses(404, 422))
async def read_membership(membership_id: Integer, session: SessionDep) -> MembershipRead:
    """Show one membership."""
    membership = await find(session, Membership, membership_id)
    return MembershipRead.model_validate(membership)


@router.patch("/{membership_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_membership(
    membership_id: Integer, body: MembershipUpdate, session: SessionDep
) -> MembershipRead:
    """Change what was sent of one membership, and nothing else."""
    membership = await find(session, Membership, membership_id)
    await save(session, membership, body.model_dump(exclude_unset=True))
    return MembershipRead.model_validate(membership)


@router.delete("/{membership_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_membership(membership_id: Integer, session: SessionDep) -> None:
    """Delete one membership for good."""
    membership = await find(session, Membership, membership_id)
    await session.delete(membership)
    await session.commit()
