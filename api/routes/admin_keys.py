"""Keys of all callers, for whoever runs the platform: list, make, rotate, revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.admin_bodies import KeyRevocation, NewKey, Revocation, Rotation, body_of, read_as
from api.admin_wire import KeyPageShape, KeyShape, MadeKeyShape, RevokedKeysShape
from api.administration import (
    CHANGE,
    READ,
    answer,
    doer,
    find_caller,
    key_of,
    read_change,
    still_good,
)
from api.auth import Identity
from api.dependencies import Services, services_of
from api.envelope import PREFIX
from api.openapi import problems
from api.submission import invalid
from common.callers import Caller
from common.cursors import make_cursor, read_cursor
from common.errors import Fault, RequestError
from common.ids import is_key_id
from common.keys.key import Key, MadeKey

router = APIRouter(prefix=f"{PREFIX}/admin/keys", tags=["admin"])

_MADE: Final[dict[str, Any]] = {
    "model": MadeKeyShape,
    "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it is."}},
}

Reader = Annotated[Identity, Depends(READ)]
Changer = Annotated[Identity, Depends(CHANGE)]


@router.get(
    "",
    summary="List keys",
    response_class=Response,
    responses={200: {"model": KeyPageShape}, **problems(400, 422)},
)
def list_keys(
    request: Request,
    identity: Reader,  # noqa: ARG001 - the guard
    caller: Annotated[str | None, Query(description="The name or the id of a caller.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    """Keys of everybody or of one caller, oldest first, also those that are good no more."""
    services = services_of(request)
    owner = find_caller(services, caller)
    after = read_cursor(cursor, is_key_id) if cursor is not None else None
    found = services.keys.list_keys(owner, after=after, limit=limit + 1)
    more = len(found) > limit
    members = {
        "items": [key.members(services.clock()) for key in found[:limit]],
        "next_cursor": make_cursor(found[limit - 1].id) if more else None,
    }
    return answer(members)


@router.post(
    "",
    status_code=201,
    summary="Make a key",
    response_class=Response,
    responses={201: _MADE, **problems(400, 422)},
    openapi_extra=body_of(NewKey),
)
async def create_key(request: Request, identity: Changer) -> Response:
    """A key for a caller, shown this once. It takes a key to make one; a token does not do."""
    services = services_of(request)
    body = await read_change(request)
    return await run_sync(_create, services, identity, body)


@router.post(
    "/revoke-all",
    summary="Revoke all keys and tokens",
    response_class=Response,
    responses={200: {"model": RevokedKeysShape}, **problems(400, 422)},
    openapi_extra=body_of(Revocation),
)
async def revoke_all_keys(request: Request, identity: Changer) -> Response:
    """Every key and every token of one caller or, with null, of everybody: this one, too.

    When it is said, they are refused everywhere.
    """
    services = services_of(request)
    body = await read_change(request)
    count = await run_sync(_revoke_all, services, identity, body)
    await services.authenticator.wait_until_forgotten()
    return answer({"revoked_count": count})


@router.get(
    "/{key_id}",
    summary="Show a key",
    response_class=Response,
    responses={200: {"model": KeyShape}, **problems(404)},
)
def show_key(request: Request, identity: Reader, key_id: str) -> Response:  # noqa: ARG001 - the guard
    """A key of any caller: everything but the key."""
    services = services_of(request)
    return answer(services.keys.get_key(key_id).members(services.clock()))


@router.post(
    "/{key_id}/rotate",
    status_code=201,
    summary="Rotate a key",
    response_class=Response,
    responses={201: _MADE, **problems(400, 404, 409, 422)},
    openapi_extra=body_of(Rotation, required=False),
)
async def rotate_key(request: Request, identity: Changer, key_id: str) -> Response:
    """A new key with the caller, the name and the scopes of one that ends after an overlap.

    It takes a key to make one; a token does not do. Without overlap the old key is refused
    everywhere when the new one is shown.
    """
    services = services_of(request)
    body = await read_change(request)
    wanted = read_as(Rotation, body or b"{}", services.document_limits)
    made = await run_sync(_rotate, services, identity, key_id, wanted)
    if wanted.overlap_seconds:
        services.authenticator.forget()  # it ends by itself from now on
    else:
        await services.authenticator.wait_until_forgotten()
    return _made(services, made)


@router.post(
    "/{key_id}/revoke",
    summary="Revoke a key",
    response_class=Response,
    responses={200: {"model": KeyShape}, **problems(400, 404, 422)},
    openapi_extra=body_of(KeyRevocation, required=False),
)
async def revoke_key(request: Request, identity: Changer, key_id: str) -> Response:
    """A key and all tokens that were made from it; when it is said, they are refused everywhere.

    To revoke one again changes nothing.
    """
    services = services_of(request)
    body = await read_change(request)
    wanted = read_as(KeyRevocation, body or b"{}", services.document_limits)
    key = await run_sync(_revoke, services, identity, key_id, wanted)
    await services.authenticator.wait_until_forgotten()
    return answer(key.members(services.clock()))


def _caller_of(services: Services, name_or_id: str) -> Caller:
    """The caller that a member of a body names; RequestError 422 `unknown_caller`."""
    try:
        return services.callers.get(name_or_id)
    except RequestError as error:
        raise invalid((Fault("/caller", "unknown_caller", error.detail),)) from None


def _create(services: Services, identity: Identity, body: bytes) -> Response:
    by = key_of(identity)
    wanted = read_as(NewKey, body, services.document_limits)
    caller = _caller_of(services, wanted.caller)
    with still_good():
        made = services.keys.create_key(
            caller, name=wanted.name, scopes=wanted.scopes, expires_at=wanted.expires_at, by=by
        )
    return _made(services, made)


def _rotate(services: Services, identity: Identity, key_id: str, wanted: Rotation) -> MadeKey:
    overlap = timedelta(seconds=wanted.overlap_seconds)
    by = key_of(identity)
    with still_good():
        return services.keys.rotate_key(
            key_id, overlap=overlap, expires_at=wanted.expires_at, by=by
        )


def _revoke(services: Services, identity: Identity, key_id: str, wanted: KeyRevocation) -> Key:
    services.keys.revoke_key(key_id, and_made=wanted.and_made, by=doer(identity))
    return services.keys.get_key(key_id)


def _revoke_all(services: Services, identity: Identity, body: bytes) -> int:
    wanted = read_as(Revocation, body, services.document_limits)
    caller = None if wanted.caller is None else _caller_of(services, wanted.caller)
    return services.keys.revoke_all(caller, by=doer(identity))


def _made(services: Services, made: MadeKey) -> Response:
    members = made.key.members(services.clock()) | {"key": made.secret}
    return answer(members, made_at=f"{PREFIX}/admin/keys/{made.key.id}")
