"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import orjson
from starlette.responses import Response

from common.errors import Fault, RequestError
from common.secrets_in_text import cover_credentials, cover_path

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/problems/"
_LONGEST_INSTANCE: Final = 200  # nothing that was sent is repeated at length


def problem(error: RequestError, *, request_id: str, instance: str) -> Response:
    """The answer that tells of `error`; `instance` is the path of the request.

    What looks like a credential in it was sent in the wrong place, and is covered.
    """
    members: dict[str, object] = {
        "type": TYPE_PREFIX + error.code,
        "title": _title(error.status),
        "status": error.status,
        "detail": cover_credentials(error.detail),
        "instance": quote(cover_path(instance), safe="/*")[:_LONGEST_INSTANCE],
        "request_id": request_id,
        "code": error.code,
    }
    if error.faults:
        members["errors"] = [fault_members(fault) for fault in error.faults]
    members.update(error.extra)
    return Response(
        orjson.dumps(members), error.status, headers=_headers(error.headers), media_type=MEDIA_TYPE
    )


def fault_members(fault: Fault) -> dict[str, str]:
    """A fault or a warning as it goes over the wire."""
    return {
        "pointer": cover_credentials(fault.pointer),
        "code": fault.code,
        "message": cover_credentials(fault.message),
    }


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {"cache-control": "no-store", **headers}


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
