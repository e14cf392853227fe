"""`POST /validate`: what `/generate` would say, without a job."""

from __future__ import annotations

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
from common.llm.estimate import NO_CALLS, Estimator, LlmEstimate

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
    responses={200: {"model": ValidationShape}, **problems(400, 413, in_turns=True)},
    openapi_extra=DOCUMENT_BODY,
)
async def validate(request: Request, identity: Annotated[Identity, Depends(VALIDATE)]) -> Response:  # noqa: ARG001 - the guard
    """All faults and warnings, the order of building, the graph, and what a run would take."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_json_size)
    async with services.large_bodies.turn(request, body):
        return await run_sync(_validate, body, services)


def _validate(body: bytes, services: Services) -> Response:
    submission = read_submission(body, services.document_limits)
    resolved = submission.reading.resolved if submission.reading else None
    calls = _calls(submission, services.estimator)
    members: dict[str, object] = {
        "valid": not submission.faults,
        "errors": [fault_members(fault) for fault in submission.faults],
        "warnings": [fault_members(warning) for warning in submission.warnings],
        "build_order": resolved.build_order if resolved else None,
        "dependency_graph": _graph(resolved) if resolved else None,
        "requires_llm": _requires_llm(submission, calls),
        "estimate": _estimate(submission, calls),
    }
    return Response(orjson.dumps(members), 200, {"cache-control": "no-store"}, "application/json")


def _requires_llm(submission: Submission, asked: LlmEstimate) -> bool | None:
    """Whether a model is needed, or asked without need: a stub is what is left if it fails."""
    if submission.reading is None:
        return True
    document = submission.reading.document
    return None if document is None else document.requires_llm or asked.llm_calls > 0


def _calls(submission: Submission, estimator: Estimator) -> LlmEstimate:
    """What models would be asked, as far as that can be told from what was sent."""
    if submission.prompt is not None:
        prompt = submission.prompt.prompt
        if prompt is None:
            return NO_CALLS
        known = prompt.document or {}
        unwritten = [each for each in known.get("operations") or () if each.get("body") is None]
        designed = estimator.design(prompt.text, prompt.document)
        return designed + estimator.implement_designed(known, len(unwritten))
    if submission.reading is None or submission.reading.document is None:
        return NO_CALLS
    raw, document = submission.reading.raw, submission.reading.document
    assert isinstance(raw, dict)  # noqa: S101 - a document was read from it
    unwritten = [each for each in document.operations if each.body is None]
    return estimator.implement(raw, len(unwritten)) if unwritten else NO_CALLS


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


def _estimate(submission: Submission, calls: LlmEstimate) -> dict[str, object] | None:
    """What it would take; None where that can't be told from what was sent."""
    run = submission.run
    if run is None:
        return None
    tables = _DESIGNED_TABLES
    if submission.reading is not None and submission.reading.document is not None:
        tables = len(submission.reading.document.tables)
    seconds = _SECONDS_AT_ALL[run.verify] + _SECONDS_PER_TABLE[run.verify] * tables
    seconds += _SECONDS_PER_CALL * calls.llm_calls
    return {"seconds": round(seconds, 2), **asdict(calls)}
