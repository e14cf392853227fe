"""`/auth`: short-lived tokens from a key, and taking them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity, granted
from api.bodies import SMALL_BODY, read_body
from api.dependencies import CHANGE_TOKENS, Services, services_of
from api.envelope import PREFIX
from api.exchange import exchange_of
from api.noticing import who
from api.openapi import problems
from api.submission import invalid
from api.wire import RevokedShape, TokenShape
from common.document.pointers import pointer_to
from common.document.strict_json import parse_json
from common.errors import Fault, RequestError
from common.keys.key import SCOPES
from common.security_events import SecurityEvent

router = APIRouter(prefix=PREFIX, tags=["auth"])

_MAKE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "scopes": {
                            "type": "array",
                            "maxItems": len(SCOPES),
                            "items": {"type": "string", "enum": sorted(SCOPES)},
                            "description": "All scopes of the key, if left out.",
                        }
                    },
                },
                "example": {"scopes": ["generate", "validate"]},
            }
        },
    }
}

_REVOKE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "description": "Without a body, the token that is presented takes itself back.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "token": {
                            "type": "string",
                            "description": "Else the one of the Authorization header.",
                        }
                    },
                },
                "example": {"token": "eyJhbGciOiJIUzI1NiIs..."},
            }
        },
    }
}


@router.post(
    "/auth/token",
    summary="Make an access token",
    response_class=Response,
    responses={200: {"model": TokenShape}, **problems(400, 422)},
    openapi_extra=_MAKE_BODY,
)
async def make_token(
    request: Request, identity: Annotated[Identity, Depends(CHANGE_TOKENS)]
) -> Response:
    """A token that may do no more than the key it is made from, and dies with it."""
    services = services_of(request)
    body = await read_body(request, SMALL_BODY)
    return await run_sync(_make, services, identity, body)


def _make(services: Services, identity: Identity, body: bytes) -> Response:
    if identity.by_token or identity.key_id is None:
        raise RequestError(403, "api_key_required", "Tokens are made from an API key only.")
    at_most = services.document_limits.max_array_length
    wanted = _wanted_scopes(parse_json(body), identity, at_most)
    beyond = ", ".join(sorted(wanted - granted(wanted, identity.scopes)))
    if beyond:
        raise RequestError(403, "insufficient_scope", f"The key itself does not have: {beyond}.")
    lifetime = timedelta(hours=services.settings.jwt_expiration_hours)
    if identity.ends_at is not None:  # it ends with its key
        left = (identity.ends_at - services.clock()) // timedelta(seconds=1)
        lifetime = min(lifetime, timedelta(seconds=max(left, 1)))
    token = services.authenticator.make_token(identity, wanted, lifetime)
    members = {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": int(lifetime.total_seconds()),
        "scopes": sorted(wanted),
    }
    return Response(orjson.dumps(members), 200, {"cache-control": "no-store"}, "application/json")


@router.post(
    "/auth/revoke",
    summary="Take an access token back",
    response_class=Response,
    responses={200: {"model": RevokedShape}, **problems(400, 422)},
    openapi_extra=_REVOKE_BODY,
)
async def revoke_token(
    request: Request, identity: Annotated[Identity, Depends(CHANGE_TOKENS)]
) -> Response:
    """Refuse a token of the caller's own, or with `admin` anybody's, before its end.

    Once it is said that it is revoked, no process takes it any more. What is no token of ours, or
    another caller's, or over, is not an error (RFC 7009): there is nothing to revoke.
    """
    services = services_of(request)
    body = await read_body(request, SMALL_BODY)
    token = _token_to_revoke(body, request)
    revoked = await run_sync(services.authenticator.revoke, identity, token)
    if revoked:
        services.security.note(SecurityEvent.TOKEN_REVOKED, **who(exchange_of(request)))
        await services.authenticator.wait_until_forgotten()
    members = {"revoked": revoked}
    return Response(orjson.dumps(members), 200, {"cache-control": "no-store"}, "application/json")


def _token_to_revoke(body: bytes, request: Request) -> str:
    raw = parse_json(body) if body else {}
    if not isinstance(raw, dict):
        raise invalid((Fault("", "wrong_type", "The body is an object with a token."),))
    faults = [
        Fault(pointer_to((name[:100],)), "unknown_member", "The only member is token.")
        for name in raw
        if name != "token"
    ]
    token = raw.get("token")
    if token is None and "token" not in raw:
        token = request.headers.get("authorization", "").partition(" ")[2].strip(" ")
        if not token:
            faults.append(Fault("/token", "required", "A key was presented: say which token."))
    elif not isinstance(token, str):
        faults.append(Fault("/token", "wrong_type", "token is a string."))
    if faults:
        raise invalid(tuple(faults))
    return str(token)


def _wanted_scopes(raw: object, identity: Identity, at_most: int) -> frozenset[str]:
    if not isinstance(raw, dict):
        raise invalid((Fault("", "wrong_type", "The body is an object with scopes."),))
    faults = [
        Fault(pointer_to((name[:100],)), "unknown_member", "The only member is scopes.")
        for name in raw
        if name != "scopes"
    ]
    scopes = raw.get("scopes", sorted(identity.scopes))
    if not isinstance(scopes, list) or not scopes:
        faults.append(Fault("/scopes", "wrong_type", "scopes is a list of at least one scope."))
        scopes = []
    if len(scopes) > at_most:
        message = f"{len(scopes)} entries, and at most {at_most} are allowed."
        fault = Fault("/scopes", "limit_exceeded", message)
        raise RequestError(400, "limit_exceeded", f"/scopes: {message}", faults=(fault,))
    known = ", ".join(sorted(SCOPES))
    faults += [
        Fault(f"/scopes/{position}", "unknown_scope", f"There is no such scope; known: {known}.")
        for position, scope in enumerate(scopes)
        if not isinstance(scope, str) or scope not in SCOPES
    ]
    if faults:
        raise invalid(tuple(faults))
    return frozenset(scopes)
