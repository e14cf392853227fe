"""Health and metrics, outside the prefix: for machines nearby, not counted.

Nobody is asked who they are, but for the metrics if there is a METRICS_TOKEN.
"""

from __future__ import annotations

import hmac
from typing import Final

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Services, services_of
from api.exchange import exchange_of
from api.noticing import who
from api.openapi import problems
from api.wire import DetailedHealthShape, HealthShape
from common.errors import RequestError
from common.security_events import SecurityEvent

router = APIRouter(tags=["health"])

_WHO: Final = {"WWW-Authenticate": 'Bearer realm="metrics"'}


@router.get(
    "/health",
    name="health",
    summary="Health",
    response_class=Response,
    responses={
        200: {"model": HealthShape},
        503: {"model": HealthShape, "description": "There is no database."},
    },
)
@router.get(
    "/health/readiness",
    summary="Readiness",
    response_class=Response,
    responses={
        200: {"model": HealthShape, "description": "`degraded` without the broker."},
        503: {"model": HealthShape, "description": "There is no database."},
    },
)
async def readiness(request: Request) -> Response:
    """Whether requests can be served."""
    health = await services_of(request).health.ask()
    return _answer({"status": health.status}, health.http_status)


@router.get(
    "/health/liveness",
    summary="Liveness",
    response_class=Response,
    responses={200: {"model": HealthShape}},
)
async def liveness() -> Response:
    """Whether the process serves requests at all; asks nothing and nobody."""
    return _answer({"status": "ok"}, 200)


@router.get(
    "/health/detailed",
    summary="Detailed health",
    response_class=Response,
    responses={
        200: {"model": DetailedHealthShape},
        503: {"model": DetailedHealthShape, "description": "There is no database."},
    },
)
async def detailed(request: Request) -> Response:
    """Every component with its state and the seconds that it took to answer."""
    health = await services_of(request).health.ask()
    members = {
        "status": health.status,
        "version": request.app.version,
        "components": dict(health.components),
    }
    return _answer(members, health.http_status)


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        401: problems()[401],
    },
)
def metrics(request: Request) -> Response:
    """Prometheus' text format; with METRICS_TOKEN set, for its bearer alone."""
    services = services_of(request)
    if not _may_scrape(request, services):
        services.security.note(SecurityEvent.LOGIN_FAILED, **who(exchange_of(request)))
        raise RequestError(401, "unauthorized", "Send METRICS_TOKEN as a bearer.", headers=_WHO)
    return Response(services.metrics.text(), 200, media_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: Request, services: Services) -> bool:
    wanted = services.settings.metrics_token
    if wanted is None:
        return True
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(
        sent.strip(" ").encode("latin-1"), wanted.get_secret_value().encode()
    )
    return right and scheme.lower() == "bearer"


for _route in [each for each in router.routes if isinstance(each, APIRoute)]:
    # Load balancers ask with HEAD, which FastAPI does not answer by itself
    router.add_api_route(
        _route.path, _route.endpoint, methods=["HEAD"], include_in_schema=False, name=_route.name
    )


def _answer(members: dict[str, object], status: int) -> Response:
    headers = {"cache-control": "no-store"}
    if status == 503:  # noqa: PLR2004 - a status
        headers["retry-after"] = "5"
    return Response(orjson.dumps(members), status, headers, "application/json")
