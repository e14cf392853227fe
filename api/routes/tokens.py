"""`POST /auth/token`: a short-lived token from a key."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.bodies import read_body
from api.dependencies import MAKE_TOKEN, Services, services_of
from api.envelope import PREFIX
from api.openapi import problems
from api.submission import invalid
from api.wire import TokenShape
from common.document.pointers import pointer_to
from common.document.strict_json import parse_json
from common.errors import Fault, RequestError
from common.keys.key import SCOPES

router = APIRouter(prefix=PREFIX, tags=["auth"])

_BODY: Final[dict[str, Any]] = {
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


@router.post(
    "/auth/token",
    summary="Make an access token",
    response_class=Response,
    responses={200: {"model": TokenShape}, **problems(400, 422)},
    openapi_extra=_BODY,
)
async def make_token(
    request: Request, identity: Annotated[Identity, Depends(MAKE_TOKEN)]
) -> Response:
    """A token that may do no more than the key it is made from, and dies with it."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_json_size)
    return await run_sync(_make, services, identity, body)


def _make(services: Services, identity: Identity, body: bytes) -> Response:
    if identity.by_token or identity.key_id is None:
        raise RequestError(403, "api_key_required", "Tokens are made from an API key only.")
    at_most = services.document_limits.max_array_length
    wanted = _wanted_scopes(parse_json(body), identity, at_most)
    if not wanted <= identity.scopes:
        beyond = ", ".join(sorted(wanted - identity.scopes))
        raise RequestError(403, "insufficient_scope", f"The key itself does not have: {beyond}.")
    lifetime = timedelta(hours=services.settings.jwt_expiration_hours)
    token = services.authenticator.make_token(identity, wanted, lifetime)
    members = {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": int(lifetime.total_seconds()),
        "scopes": sorted(wanted),
    }
    return Response(orjson.dumps(members), 200, {"cache-control": "no-store"}, "application/json")


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
