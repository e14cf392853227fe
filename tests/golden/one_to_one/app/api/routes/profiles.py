"""Routes of profiles."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Profile
from app.schemas.profiles import ProfileCreate, ProfileQuery, ProfileRead, ProfileUpdate

router = APIRouter(prefix="/profiles", tags=["profiles"])


@router.get("", responses=refuses(422))
async def list_profiles(
    query: Annotated[ProfileQuery, Query()], session: SessionDep
) -> Page[ProfileRead]:
    """List profiles: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Profile, query), query, ProfileRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_profile(
    body: ProfileCreate, session: SessionDep, response: Response
) -> ProfileRead:
    """Make a new profile."""
    profile = Profile(**body.model_dump(exclude_unset=True))
    await save(session, profile)
    response.headers["Location"] = location("/profiles", profile.id)
    return ProfileRead.model_validate(profile)


@router.get("/{profile_id}", responses=refuses(404, 422))
async def read_profile(profile_id: Integer, session: SessionDep) -> ProfileRead:
    """Show one profile."""
    profile = await find(session, Profile, profile_id)
    return ProfileRead.model_validate(profile)


@router.patch("/{profile_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_profile(
    profile_id: Integer, body: ProfileUpdate, session: SessionDep
) -> ProfileRead:
    """Change what was sent of one profile, and nothing else."""
    profile = await find(session, Profile, profile_id)
    await save(session, profile, body.model_dump(exclude_unset=True))
    return ProfileRead.model_validate(profile)


@router.delete("/{profile_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_profile(profile_id: Integer, session: SessionDep) -> None:
    """Delete one profile for good."""
    profile = await find(session, Profile, profile_id)
    await session.delete(profile)
    await session.commit()
