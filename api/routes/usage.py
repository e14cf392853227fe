"""`GET /usage`: what a caller has spent on language models, and what is left of its quotas."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.dependencies import ANYONE_KNOWN, services_of
from api.envelope import PREFIX
from api.openapi import problems
from api.wire import SpendingShape

router = APIRouter(prefix=PREFIX, tags=["status"])


@router.get(
    "/usage",
    summary="Quotas and spending",
    response_class=Response,
    responses={200: {"model": SpendingShape}, **problems()},
)
def get_usage(request: Request, identity: Annotated[Identity, Depends(ANYONE_KNOWN)]) -> Response:
    """What was spent on language models, what is left of this hour, and what nobody can tell."""
    spending = services_of(request).spending.read(identity.caller.id)
    headers = {"cache-control": "no-store"}
    body = orjson.dumps(spending, option=orjson.OPT_UTC_Z)
    return Response(body, 200, headers, "application/json")
