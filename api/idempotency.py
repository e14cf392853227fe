"""The `Idempotency-Key` of a request."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from starlette.requests import Request

from common.errors import RequestError
from common.jobs.new_job import Wish

# A structured field's string (the IETF draft), or the same characters bare, as most clients do.
_QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"\Z')
_BARE: Final = re.compile(r"[!#-~]{1,255}\Z")


def read_wish(request: Request, body: bytes) -> Wish | None:
    """The key with the body's hash, None without a key; RequestError 400 for a malformed one."""
    key = read_key(request)
    return None if key is None else Wish(key, sha256(body).hexdigest())


def read_key(request: Request) -> str | None:
    """The key alone, unquoted; RequestError 400 for a malformed one."""
    sent = request.headers.getlist("idempotency-key")
    if not sent:
        return None
    text = sent[0].strip()
    quoted = _QUOTED.match(text)
    if len(sent) > 1 or not (quoted or _BARE.match(text)):
        raise RequestError(
            400,
            "invalid_idempotency_key",
            "Idempotency-Key is one text of at most 255 printable ASCII characters.",
        )
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
