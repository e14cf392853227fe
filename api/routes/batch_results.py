"""What became of the lines of a batch: the results as they come, and all artifacts in one zip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.auth import Identity
from api.batch_members import PATH, result_line, result_members
from api.batch_zip import batch_zip
from api.dependencies import READ_BATCHES, services_of
from api.envelope import PREFIX
from api.openapi import problems
from common.batches.results import ResultRange, ResultReader
from common.errors import RequestError

router = APIRouter(prefix=f"{PREFIX}/batches", tags=["batches"])

Reader = Annotated[Identity, Depends(READ_BATCHES)]

_LINES_AT_ONCE: Final = 200
_JSONL: Final = "application/jsonl"
_ZIP: Final = "application/zip"


@router.get(
    "/{batch_id}/results",
    summary="Read the results",
    response_class=Response,
    responses={
        200: {
            "description": "One result a line.",
            "content": {_JSONL: {"schema": {"$ref": "#/components/schemas/LineResult"}}},
            "headers": {
                "X-Next-Cursor": {
                    "schema": {"type": "string"},
                    "description": "Ask with it for what comes after these.",
                },
                "Link": {
                    "schema": {"type": "string"},
                    "description": "rel=next; missing once there will be nothing more.",
                },
            },
        },
        **problems(400, 404, 422),
    },
)
def get_results(
    request: Request,
    identity: Reader,
    batch_id: str,
    *,
    cursor: Annotated[str | None, Query(description="Where the page before ended.")] = None,
    limit: Annotated[int | None, Query(ge=1, le=100_000, description="Lines; else all.")] = None,
) -> Response:
    """What became of the lines so far, in the order in which it became known, refused ones first.

    Also while the batch runs: ask again with the cursor for what came since. Whoever does gets
    every line exactly once.
    """
    services = services_of(request)
    batch = services.batches.get(identity.caller.id, batch_id)
    found = services.results.find(batch, cursor, limit)
    headers = {"x-next-cursor": found.next_cursor, "cache-control": "no-cache"}
    if not found.complete:
        more = f"&limit={limit}" if limit else ""
        address = f"{PATH}{batch.id}/results?cursor={found.next_cursor}{more}"
        headers["link"] = f'<{address}>; rel="next"'
    return StreamingResponse(_lines(services.results, found), 200, headers, _JSONL)


@router.get(
    "/{batch_id}/artifact",
    summary="Download all projects",
    response_class=Response,
    responses={
        200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}},
        **problems(404, 409, 410),
    },
)
def get_batch_artifact(request: Request, identity: Reader, batch_id: str) -> Response:
    """One zip with the zip of each line that succeeded, and `results.jsonl`.

    The zips are called by the custom_ids, made safe as file names; `file` in the results says how.
    """
    services = services_of(request)
    batch = services.batches.get(identity.caller.id, batch_id)
    if not batch.finished:
        raise RequestError(409, "not_ready", f"The batch is {batch.status}: not all jobs ended.")
    expired = services.results.count_expired(batch.id)
    if expired:
        lines = "1 line has" if expired == 1 else f"{expired} lines have"
        raise RequestError(410, "expired", f"What {lines} made has expired.")
    return StreamingResponse(
        batch_zip(services.results, services.artifacts, batch.id),
        200,
        {
            "cache-control": "private, max-age=0, must-revalidate",
            "content-disposition": f'attachment; filename="{batch.id}.zip"',
        },
        _ZIP,
    )


def _lines(results: ResultReader, wanted: ResultRange) -> Iterator[bytes]:
    after = wanted.after
    while found := results.read(wanted, after, _LINES_AT_ONCE):
        yield b"".join(result_line(result_members(result)) for result in found)
        after = found[-1].place
