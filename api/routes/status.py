"""`GET /status`: what runs here and under which rules."""

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
from api.wire import StatusShape
from common.jobs.job import Stage
from common.llm.choice import choose_model
from common.settings import Settings

router = APIRouter(prefix=PREFIX, tags=["status"])


@router.get(
    "/status",
    summary="Rules and capabilities",
    response_class=Response,
    responses={200: {"model": StatusShape}, **problems()},
)
def get_status(request: Request, identity: Annotated[Identity, Depends(ANYONE_KNOWN)]) -> Response:
    """Version, environment, limits, and what this installation can do."""
    services = services_of(request)
    settings = services.settings
    known = services.capabilities.read()
    rates = services.limits.rates_of(identity.caller) if services.limits.enabled else None
    members = {
        "version": request.app.version,
        "environment": settings.environment,
        "auth": "on" if settings.enable_auth else "off",
        "limits": {
            "rates": {tier.value: rate for tier, rate in rates.items()} if rates else None,
            "sizes": {
                "max_request_size": settings.max_request_size,
                "max_json_size": settings.max_json_size,
                "max_string_length": settings.max_string_length,
                "max_array_length": settings.max_array_length,
                "max_tables": settings.max_tables,
                "max_columns_per_table": settings.max_columns_per_table,
                "max_relationships_per_table": settings.max_relationships_per_table,
                "max_batch_lines": settings.max_batch_lines,
                "max_batch_lines_per_hour": settings.max_batch_lines_per_hour,
            },
        },
        "capabilities": {
            "llm": _models(settings),
            # Null until a worker has told.
            "sandbox": known.sandbox if known else None,
            "engines": known.engines if known else None,
        },
    }
    return Response(orjson.dumps(members), 200, {"cache-control": "no-store"}, "application/json")


def _models(settings: Settings) -> dict[str, object]:
    design, implement = (choose_model(settings, stage) for stage in (Stage.DESIGN, Stage.IMPLEMENT))
    provider = settings.default_llm_provider
    return {
        "configured": design is not None or implement is not None,
        "provider": None if provider == "none" else provider,
        "design_model": design.name if design else None,
        "implement_model": implement.name if implement else None,
    }
