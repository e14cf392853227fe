"""`POST /validate`: what `/generate` would say, without a job."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Final

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.bodies import read_body
from api.dependencies import VALIDATE, Services, services_of
from api.envelope import PREFIX
from api.openapi import DOCUMENT_BODY, problems
from api.problems import fault_members
from api.submission import Submission, read_submission
from api.wire import ValidationShape
from common.document.resolved import ResolvedDocument
from common.jobs.job import Stage
from common.llm.estimate import NO_CALLS, Estimator

router = APIRouter(prefix=PREFIX, tags=["generate"])

# Measured on two cores with all checks, warm: what a run takes, and what each table adds.
_SECONDS_AT_ALL: Final = {"full": 2.0, "fast": 1.0, "none": 0.3, "fuzz": 6.0}
_SECONDS_PER_CALL: Final = 10.0
_DESIGNED_TABLES: Final = 5
_SECONDS_PER_TABLE: Final = {"full": 0.25, "fast": 0.1, "none": 0.02, "fuzz": 1.0}


@router.post(
    "/validate",
    summary="Check a document",
    response_class=Response,
    responses={200: {"model": ValidationShape}, **problems(400, 413)},
    openapi_extra=DOCUMENT_BODY,
)
async def validate(request: Request, identity: Annotated[Identity, Depends(VALIDATE)]) -> Response:  # noqa: ARG001 - the guard
    """All faults and warnings, the order of building, the graph, and what a run would take."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_json_size)
    return await run_sync(_validate, body, services)


def _validate(body: bytes, services: Services) -> Response:
    submission = read_submission(body, services.document_limits)
    resolved = submission.reading.resolved if submission.reading else None
    members: dict[str, object] = {
        "valid": not submission.faults,
        "errors": [fault_members(fault) for fault in submission.faults],
        "warnings": [fault_members(warning) for warning in submission.warnings],
        "build_order": resolved.build_order if resolved else None,
        "dependency_graph": _graph(resolved) if resolved else None,
        "requires_llm": _requires_llm(submission),
        "estimate": _estimate(submission, services.estimator),
    }
    return Response(orjson.dumps(members), 200, {"cache-control": "no-store"}, "application/json")


def _requires_llm(submission: Submission) -> bool | None:
    if submission.reading is None:
        return True
    document = submission.reading.document
    return None if document is None else document.requires_llm


def _graph(resolved: ResolvedDocument) -> dict[str, object]:
    keys = [key for table in resolved.tables for key in table.foreign_keys]
    keys += [key for link in resolved.made_links for key in link.foreign_keys]
    cyclic = set(resolved.cyclic_keys)
    return {
        "tables": [table.name for table in resolved.tables]
        + [link.name for link in resolved.made_links],
        "edges": [
            {
                "table": key.table,
                "columns": key.columns,
                "target_table": key.target_table,
                "target_columns": key.target_columns,
                "closes_cycle": key in cyclic,
            }
            for key in keys
        ],
    }


def _estimate(submission: Submission, estimator: Estimator) -> dict[str, object] | None:
    """What it would take; None where that can't be told from what was sent."""
    run = submission.run
    if run is None:
        return None
    calls, tables = NO_CALLS, _DESIGNED_TABLES
    if submission.prompt is not None:
        calls = estimator.estimate(Stage.DESIGN, len(json.dumps(submission.prompt.raw)))
    elif submission.reading is not None and submission.reading.document is not None:
        document = submission.reading.document
        tables = len(document.tables)
        unwritten = [each for each in document.operations if each.body is None]
        length = max((len(each.model_dump_json()) for each in unwritten), default=0)
        calls = estimator.estimate(Stage.IMPLEMENT, length, len(unwritten))
    seconds = _SECONDS_AT_ALL[run.verify] + _SECONDS_PER_TABLE[run.verify] * tables
    seconds += _SECONDS_PER_CALL * calls.llm_calls
    return {"seconds": round(seconds, 2), **asdict(calls)}
