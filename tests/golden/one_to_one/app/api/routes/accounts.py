"""Routes of accounts."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Account
from app.schemas.accounts import AccountCreate, AccountQuery, AccountRead, AccountUpdate

router = APIRouter(prefix="/accounts", tags=["accounts"])


@router.get("", responses=refuses(422))
async def list_accounts(
    query: Annotated[AccountQuery, Query()], session: SessionDep
) -> Page[AccountRead]:
    """List accounts: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Account, query), query, AccountRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_account(
    body: AccountCreate, session: SessionDep, response: Response
) -> AccountRead:
    """Make a new account."""
    account = Account(**body.model_dump(exclude_unset=True))
    await save(session, account)
    response.headers["Location"] = location("/accounts", account.id)
    return AccountRead.model_validate(account)


@router.get("/{account_id}", responses=refuses(404, 422))
async def read_account(account_id: Integer, session: SessionDep) -> AccountRead:
    """Show one account."""
    account = await find(session, Account, account_id)
    return AccountRead.model_validate(account)


@router.patch("/{account_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_account(
    account_id: Integer, body: AccountUpdate, session: SessionDep
) -> AccountRead:
    """Change what was sent of one account, and nothing else."""
    account = await find(session, Account, account_id)
    await save(session, account, body.model_dump(exclude_unset=True))
    return AccountRead.model_validate(account)


@router.delete("/{account_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_account(account_id: Integer, session: SessionDep) -> None:
    """Delete one account for good."""
    account = await find(session, Account, account_id)
    await session.delete(account)
    await session.commit()
