"""Routes of settings."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import AccountSettings
from app.schemas.settings import (
    AccountSettingsCreate,
    AccountSettingsQuery,
    AccountSettingsRead,
    AccountSettingsUpdate,
)

router = APIRouter(prefix="/settings", tags=["settings"])


@router.get("", responses=refuses(422))
async def list_settings(
    query: Annotated[AccountSettingsQuery, Query()], session: SessionDep
) -> Page[AccountSettingsRead]:
    """List settings: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(AccountSettings, query), query, AccountSettingsRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_account_settings(
    body: AccountSettingsCreate, session: SessionDep, response: Response
) -> AccountSettingsRead:
    """Make a new account settings."""
    account_settings = AccountSettings(**body.model_dump(exclude_unset=True))
    await save(session, account_settings)
    response.headers["Location"] = location("/settings", account_settings.account_id)
    return AccountSettingsRead.model_validate(account_settings)


@router.get("/{account_id}", responses=refuses(404, 422))
async def read_account_settings(account_id: Integer, session: SessionDep) -> AccountSettingsRead:
    """Show one account settings."""
    account_settings = await find(session, AccountSettings, account_id)
    return AccountSettingsRead.model_validate(account_settings)


@router.patch("/{account_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_account_settings(
    account_id: Integer, body: AccountSettingsUpdate, session: SessionDep
) -> AccountSettingsRead:
    """Change what was sent of one account settings, and nothing else."""
    account_settings = await find(session, AccountSettings, account_id)
    await save(session, account_settings, body.model_dump(exclude_unset=True))
    return AccountSettingsRead.model_validate(account_settings)


@router.delete("/{account_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_account_settings(account_id: Integer, session: SessionDep) -> None:
    """Delete one account settings for good."""
    account_settings = await find(session, AccountSettings, account_id)
    await session.delete(account_settings)
    await session.commit()
