"""What schemathesis is told of the API: ids that there are, and not to wait long for anything."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

_THERE = {
    "job_id": os.environ.get("THERE_JOB", ""),
    "batch_id": os.environ.get("THERE_BATCH", ""),
    "path": "README.md",
}


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Ask for what is there in every second case, and wait for one second at most."""
    parameters = case.path_parameters or {}
    for name in parameters:
        if _THERE.get(name) and sum(map(ord, str(parameters[name]))) % 2:
            parameters[name] = _THERE[name]
    if isinstance((case.query or {}).get("wait"), int):
        case.query["wait"] = min(1, case.query["wait"])
    _spare_the_key(case, parameters)
    for name in case.headers or {}:
        if name.lower() == "prefer":
            case.headers[name] = "wait=1"


def _spare_the_key(case: Any, parameters: dict[str, Any]) -> None:
    """Let no case end the key that all of them present."""
    if "key_id" in parameters and case.method != "GET":
        parameters["key_id"] = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
    if case.path.endswith("/admin/keys/revoke-all") and isinstance(case.body, dict):
        case.body["caller"] = "nobody"
