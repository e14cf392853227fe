"""Callers, for whoever runs the platform: list, make, show, change."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.admin_bodies import CallerChange, NewCaller, body_of, read_as
from api.admin_wire import CallerPageShape, CallerShape
from api.administration import (
    CHANGE,
    READ,
    answer,
    key_of,
    page_of_callers,
    read_change,
    still_good,
)
from api.auth import Identity
from api.dependencies import Services, services_of
from api.envelope import PREFIX
from api.openapi import problems

router = APIRouter(prefix=f"{PREFIX}/admin/callers", tags=["admin"])

_LOCATION: Final = {"Location": {"schema": {"type": "string"}, "description": "Where it is."}}

Reader = Annotated[Identity, Depends(READ)]
Changer = Annotated[Identity, Depends(CHANGE)]


@router.get(
    "",
    summary="List callers",
    response_class=Response,
    responses={200: {"model": CallerPageShape}, **problems(400, 422)},
)
def list_callers(
    request: Request,
    identity: Reader,  # noqa: ARG001 - the guard
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    """All callers, by their ids; `local` stands for everybody while authentication is off."""
    found, next_cursor = page_of_callers(services_of(request), limit, cursor)
    members = {"items": [facts.members() for facts in found], "next_cursor": next_cursor}
    return answer(members)


@router.post(
    "",
    status_code=201,
    summary="Make a caller",
    response_class=Response,
    responses={201: {"model": CallerShape, "headers": _LOCATION}, **problems(400, 409, 422)},
    openapi_extra=body_of(NewCaller),
)
async def create_caller(request: Request, identity: Changer) -> Response:
    """A caller, with limits and quotas of its own where they are given; it has no key yet.

    It takes a key; a token does not do.
    """
    services = services_of(request)
    by = key_of(identity)
    body = await read_change(request)
    return await run_sync(_create, services, by, body)


@router.get(
    "/{caller}",
    summary="Show a caller",
    response_class=Response,
    responses={200: {"model": CallerShape}, **problems(404)},
)
def show_caller(request: Request, identity: Reader, caller: str) -> Response:  # noqa: ARG001 - the guard
    """A caller, by its name or its id."""
    store = services_of(request).callers
    return answer(store.get_facts(store.get(caller)).members())


@router.patch(
    "/{caller}",
    summary="Change a caller",
    response_class=Response,
    responses={200: {"model": CallerShape}, **problems(400, 404, 422)},
    openapi_extra=body_of(CallerChange),
)
async def change_caller(request: Request, identity: Changer, caller: str) -> Response:
    """Give a caller limits and quotas of its own, or take them away; they hold within a second.

    It takes a key; a token does not do.
    """
    services = services_of(request)
    by = key_of(identity)
    body = await read_change(request)
    return await run_sync(_change, services, by, caller, body)


def _create(services: Services, by: str, body: bytes) -> Response:
    wanted = read_as(NewCaller, body, services.document_limits)
    check = partial(services.keys.refuse_ended, by=by)
    with still_good():
        caller = services.callers.create(wanted.name, **_own(wanted), check=check)
    members = services.callers.get_facts(caller).members()
    return answer(members, made_at=f"{PREFIX}/admin/callers/{caller.id}")


def _change(services: Services, by: str, name_or_id: str, body: bytes) -> Response:
    wanted = read_as(CallerChange, body, services.document_limits)
    caller = services.callers.get(name_or_id)
    check = partial(services.keys.refuse_ended, by=by)
    with still_good():
        services.callers.change(caller, **_own(wanted), check=check)
    services.authenticator.forget()
    return answer(services.callers.get_facts(caller).members())


def _own(wanted: CallerChange) -> dict[str, dict[str, Any]]:
    """The rates and the quotas that are named."""
    rates, quotas = wanted.limits, wanted.quotas
    return {
        "rates": rates.model_dump(exclude_unset=True),
        "quotas": quotas.model_dump(exclude_unset=True),
    }
