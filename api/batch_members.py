"""A batch and its results as they go over the wire: every member always there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import orjson
from starlette.responses import Response, StreamingResponse

from api.job_members import PATH as JOBS_PATH
from api.problems import fault_members
from common.batches.batch import Batch, BatchStatus, LineFault
from common.batches.results import LineResult

PATH: Final = "/api/v1/batches/"
_OPTIONS: Final = orjson.OPT_UTC_Z
_POLL_AGAIN_SECONDS: Final = "2"
_CHUNK_BYTES: Final = 64 * 1024


def batch_members(batch: Batch, errors: Iterable[LineFault]) -> dict[str, object]:
    """The members of a batch; `errors` comes last."""
    return {
        "id": batch.id,
        "status": batch.status,
        "held_reason": batch.held_reason,
        "counts": batch.counts,
        "line_count": batch.line_count,
        "refused_count": batch.refused_count,
        "job_count": batch.job_count,
        "created_at": batch.created_at,
        "paused_at": batch.paused_at,
        "cancel_requested_at": batch.cancel_requested_at,
        "finished_at": batch.finished_at,
        "retry_of": batch.retry_of,
        "eta_seconds": batch.eta_seconds,
        "max_cost_usd": batch.max_cost_usd,
        "usage": batch.usage,
        "links": _links(batch),
        "errors": [line_fault_members(fault) for fault in errors],
    }


def line_fault_members(found: LineFault) -> dict[str, object]:
    """What is wrong with a line."""
    return {"line": found.line, "custom_id": found.custom_id, **fault_members(found.fault)}


def etag(batch: Batch) -> str:
    """Changes with everything that is shown of the batch but its estimate."""
    counts = batch.counts
    return f'"{batch.revision}-{counts.running}-{counts.deferred}"'


def batch_headers(batch: Batch, *, location: bool = False) -> dict[str, str]:
    """The headers of an answer that tells of a batch; `Retry-After` while there is more to come."""
    headers = {"etag": etag(batch), "cache-control": "no-cache"}
    if not batch.finished:
        headers["retry-after"] = _POLL_AGAIN_SECONDS
    if location:
        headers["location"] = PATH + batch.id
    return headers


def batch_response(
    batch: Batch,
    errors: Iterable[LineFault],
    *,
    status: int = 200,
    location: bool = False,
    extra: dict[str, object] | None = None,
) -> Response:
    """The answer that tells of a batch, with the few `errors` that are shown with it."""
    body = orjson.dumps({**batch_members(batch, errors), **(extra or {})}, option=_OPTIONS)
    headers = batch_headers(batch, location=location)
    return Response(body, status, headers, "application/json")


def accepted_response(batch: Batch, errors: Iterator[LineFault]) -> Response:
    """The 202 with everything that is wrong with its lines, however much that is."""
    body = orjson.dumps(batch_members(batch, ()), option=_OPTIONS)
    return StreamingResponse(
        with_errors(body.removesuffix(b"]}"), errors, b"]}"),
        202,
        batch_headers(batch, location=True),
        "application/json",
    )


def with_errors(before: bytes, errors: Iterable[LineFault], after: bytes) -> Iterator[bytes]:
    """Pieces of JSON: `before`, the errors as items of an array, `after`."""
    piece = bytearray(before)
    for number, error in enumerate(errors):
        if number:
            piece += b","
        piece += orjson.dumps(line_fault_members(error))
        if len(piece) >= _CHUNK_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece + after)


def batch_page_bytes(
    items: Iterable[tuple[Batch, list[LineFault]]], next_cursor: str | None
) -> bytes:
    """A page of batches as JSON."""
    members = [batch_members(batch, errors) for batch, errors in items]
    return orjson.dumps({"items": members, "next_cursor": next_cursor}, option=_OPTIONS)


def result_members(result: LineResult) -> dict[str, object]:
    """What became of one line."""
    job = None if result.job_id is None else JOBS_PATH + result.job_id
    kept = result.output_kept
    return {
        "line": result.line,
        "custom_id": result.custom_id,
        "job_id": result.job_id,
        "status": result.status,
        "error": result.error,
        "errors": result.faults,
        "verification": result.verification,
        "artifact": result.artifact,
        "finished_at": result.finished_at,
        "links": {
            "job": job,
            "artifact": f"{job}/artifact" if job and kept and result.artifact else None,
            "files": f"{job}/files" if job and kept else None,
            "report": f"{job}/report" if job and kept else None,
        },
    }


def result_line(members: dict[str, object]) -> bytes:
    """A result as a line of JSON Lines."""
    return orjson.dumps(members, option=_OPTIONS | orjson.OPT_APPEND_NEWLINE)


def _links(batch: Batch) -> dict[str, str | None]:
    itself = PATH + batch.id
    over = batch.finished or batch.cancel_requested_at is not None
    return {
        "self": itself,
        "jobs": f"{JOBS_PATH.removesuffix('/')}?batch_id={batch.id}",
        "results": itself + "/results",
        "artifact": itself + "/artifact" if batch.finished else None,
        "cancel": None if over else itself + "/cancel",
        "pause": itself + "/pause" if batch.status is BatchStatus.RUNNING else None,
        "resume": itself + "/resume" if batch.status is BatchStatus.PAUSED else None,
        "retry_failed": itself + "/retry-failed" if batch.counts.failed else None,
    }
