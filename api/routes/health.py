"""Health and metrics, outside the prefix: for machines nearby, neither counted nor asked who."""

from __future__ import annotations

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import services_of
from api.wire import DetailedHealthShape, HealthShape

router = APIRouter(tags=["health"])


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
def readiness(request: Request) -> Response:
    """Whether requests can be served."""
    health = services_of(request).health.ask()
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
def detailed(request: Request) -> Response:
    """Every component with its state and the seconds that it took to answer."""
    health = services_of(request).health.ask()
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
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    return Response(services_of(request).metrics.text(), 200, media_type=CONTENT_TYPE_LATEST)


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
