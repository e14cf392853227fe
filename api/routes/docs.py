"""The docs pages. All that they load comes from here, so that they work under a strict policy."""

from __future__ import annotations

import secrets
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from common.errors import RequestError

router = APIRouter(include_in_schema=False)

_OURS: Final = Path(__file__).parents[1] / "pages"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_FROM_WHEEL: Final = (
    "swagger-ui-bundle.js",
    "swagger-ui.css",
    "redoc.standalone.js",
    "favicon.png",
)
_WRITTEN_HERE: Final = ("docs.js", "redoc.js", "pages.css")

_SWAGGER_POLICY: Final = "default-src 'self'; img-src 'self' data:"
# Redoc searches in a worker that it makes from a blob, and styles itself; one style (which it adds
# empty, and then fills) it makes before it can be told the nonce. Its maker's logo stays away.
_REDOC_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; worker-src blob:; "
    "script-src 'self' 'nonce-{nonce}'; "
    "style-src 'self' 'nonce-{nonce}' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
)


@router.get("/docs")
def swagger() -> Response:
    """Swagger UI."""
    page = (_OURS / "docs.html").read_bytes()
    return _page(page, _SWAGGER_POLICY)


@router.get("/redoc")
def redoc() -> Response:
    """Redoc."""
    nonce = secrets.token_urlsafe(16)
    page = (_OURS / "redoc.html").read_text(encoding="utf-8").replace("{nonce}", nonce)
    return _page(page.encode(), _REDOC_POLICY.format(nonce=nonce))


@router.get("/docs/assets/{name}")
def asset(name: str) -> Response:
    """A script or style of the two pages."""
    path = _assets().get(name)
    if path is None:
        raise RequestError(404, "not_found", "There is nothing here.")
    headers = {"cache-control": "public, max-age=3600"}
    return Response(path.read_bytes(), 200, headers, _TYPES[path.suffix])


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """The description of everything under the prefix."""
    return Response(request.app.state.openapi_bytes(), 200, media_type="application/json")


def _page(content: bytes, policy: str) -> Response:
    return Response(content, 200, {"content-security-policy": policy}, "text/html")


@lru_cache(maxsize=1)
def _assets() -> dict[str, Path]:
    # Found without being imported: the package would only bring its own way of serving them.
    spec = find_spec("fastapi_offline")
    assert spec is not None  # noqa: S101 - a dependency of the project
    assert spec.origin is not None  # noqa: S101 - it is a regular package
    wheel = Path(spec.origin).parent / "static"
    found = {name: wheel / name for name in _FROM_WHEEL}
    return found | {name: _OURS / name for name in _WRITTEN_HERE}
