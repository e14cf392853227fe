"""What the routes of administration share: who may pass, whom they name, how they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from api.auth import SCHEMES, Identity
from api.bodies import SMALL_BODY, read_body
from api.dependencies import Guard, Services, services_of
from api.rate_limits import RateLimits, Standing, Tier
from common.callers import Caller, CallerFacts, is_caller_place
from common.cursors import make_cursor, read_cursor
from common.errors import RequestError


class AdminGuard(Guard):
    """A guard that lets nobody pass without a credential, even with authentication off.

    Who turned it off wants everybody to make projects, not to see and to rule over the callers
    there were before.
    """

    def check(self, request: Request) -> Identity:
        """The verified caller; what a guard raises, RequestError 403 `authentication_off`."""
        identity = super().check(request)
        if not identity.by_token and identity.key_id is None:
            message = "Administration takes a credential, and authentication is off."
            raise RequestError(403, "authentication_off", message)
        return identity

    def count(self, limits: RateLimits, identity: Identity) -> Standing:
        """By the settings' rates: a caller's own, wrongly set, must be mended from here."""
        return limits.hit(Tier.AUTHENTICATED, f"admin:{identity.caller.id}")


def key_of(identity: Identity) -> str:
    """The id of the key that was presented; RequestError 403 `api_key_required` for a token.

    A token ends. What it makes or changes must not stay.
    """
    if identity.by_token or identity.key_id is None:
        message = "A token does not do: this takes the API key itself."
        raise RequestError(403, "api_key_required", message)
    return identity.key_id


async def read_change(request: Request) -> bytes:
    """The body; RequestError 413, and 401 if the credential was revoked while it came in."""
    body = await read_body(request, SMALL_BODY)
    await run_sync(services_of(request).authenticator.identify, request)
    return body


@contextmanager
def still_good() -> Iterator[None]:
    """The answer to a key that was revoked while its request came in is that to any other."""
    try:
        yield
    except RequestError as error:
        if error.status == HTTPStatus.UNAUTHORIZED:
            error.headers["WWW-Authenticate"] = SCHEMES
        raise


def doer(identity: Identity) -> str:
    """Who did it, for the log."""
    return identity.key_id or f"a token for {identity.caller.id}"


def find_caller(services: Services, name_or_id: str | None) -> Caller | None:
    """The caller that a parameter names; RequestError 422 `unknown_caller` if there is none."""
    if name_or_id is None:
        return None
    try:
        return services.callers.get(name_or_id)
    except RequestError as error:
        raise RequestError(422, "unknown_caller", error.detail) from None


def page_of_callers(
    services: Services, limit: int, cursor: str | None
) -> tuple[tuple[CallerFacts, ...], str | None]:
    """`limit` callers, and the cursor of those that follow; RequestError 400 `invalid_cursor`."""
    after = read_cursor(cursor, is_caller_place) if cursor is not None else None
    found = services.callers.list(after=after, limit=limit + 1)
    more = len(found) > limit
    return found[:limit], make_cursor(found[limit - 1].caller.id) if more else None


def answer(members: Mapping[str, object], *, made_at: str | None = None) -> Response:
    """What is nobody else's business; 201 for what was made, with the path where it is."""
    headers = {"cache-control": "no-store"}
    if made_at is not None:
        headers["location"] = made_at
    status = 200 if made_at is None else 201
    body = orjson.dumps(members, option=orjson.OPT_UTC_Z)
    return Response(body, status, headers, "application/json")


READ: Final = AdminGuard(scopes={"admin"})
CHANGE: Final = AdminGuard(scopes={"admin"}, json_body=True)
