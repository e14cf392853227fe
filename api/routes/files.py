"""What a job made: the zip, its files one by one, the report."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Identity
from api.dependencies import READ_JOBS, Services, services_of
from api.envelope import PREFIX
from api.etags import if_none_match
from api.openapi import CONDITIONAL, Responses, problems
from api.wire import FilesShape
from common.errors import RequestError
from common.jobs.new_job import Output

router = APIRouter(prefix=f"{PREFIX}/jobs", tags=["artifacts"])

Reader = Annotated[Identity, Depends(READ_JOBS)]

STORED_JSON: Final[Responses] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    **problems(404, 409, 410),
}
_ZIP: Final = "application/zip"
_FOREVER: Final = "private, max-age=0, must-revalidate"


@router.get(
    "/{job_id}/artifact",
    summary="Download the project",
    response_class=Response,
    responses={
        200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}},
        **problems(404, 409, 410, headers_only=(304,)),
    },
    openapi_extra=CONDITIONAL,
)
def get_artifact(request: Request, identity: Reader, job_id: str) -> Response:
    """The zip of a job that succeeded. Its `ETag` is its SHA-256."""
    services = services_of(request)
    output = services.jobs.get_output(identity.caller.id, job_id)
    artifact = output.job.artifact
    key = _key(output, there=artifact is not None, what="artifact")
    assert artifact is not None  # noqa: S101 - `_key` raised otherwise
    headers = {"etag": f'"{artifact.sha256}"', "cache-control": _FOREVER}
    known = if_none_match(request)
    if known is not None and known.matches(headers["etag"]):
        return Response(None, 304, headers)
    headers["content-disposition"] = f'attachment; filename="{output.job.project_name}.zip"'
    return Response(services.artifacts.get(f"{key}/project.zip"), 200, headers, _ZIP)


@router.get(
    "/{job_id}/files",
    summary="List the files",
    response_class=Response,
    responses={200: {"model": FilesShape}, **problems(404, 409, 410)},
)
def list_files(request: Request, identity: Reader, job_id: str) -> Response:
    """The files that a job made; also of a failed one, as far as it came."""
    with _open_zip(services_of(request), identity, job_id) as archive:
        items = []
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            content = archive.read(entry)
            items.append(
                {
                    "path": entry.filename,
                    "size_bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
            )
    return Response(
        orjson.dumps({"items": items}), 200, {"cache-control": "no-cache"}, "application/json"
    )


@router.get(
    "/{job_id}/files/{path:path}",
    summary="Read a file",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problems(404, 409, 410),
    },
)
def get_file(request: Request, identity: Reader, job_id: str, path: str) -> Response:
    """One file as text, whatever it is: nothing that a job made runs in a browser."""
    with _open_zip(services_of(request), identity, job_id) as archive:
        try:
            content = archive.read(path)
        except KeyError:
            raise RequestError(404, "file_not_found", "The job made no such file.") from None
    return Response(content, 200, {"cache-control": "no-cache"}, "text/plain")


@router.get(
    "/{job_id}/report",
    summary="Read the verification report",
    response_class=Response,
    responses=STORED_JSON,
)
def get_report(request: Request, identity: Reader, job_id: str) -> Response:
    """Each check with its outcome, and the isolation that it ran under; also of a failed job."""
    return report_of(services_of(request), identity.caller.id, job_id)


@router.get(
    "/{job_id}/document",
    summary="Read the document",
    response_class=Response,
    responses=STORED_JSON,
)
def get_document(request: Request, identity: Reader, job_id: str) -> Response:
    """The document as it was sent, or as a model designed it, from that moment on."""
    return document_of(services_of(request), identity.caller.id, job_id)


def report_of(services: Services, caller_id: str, job_id: str) -> Response:
    """The report of a caller's job; RequestError 404, 409, 410."""
    key = _key(services.jobs.get_output(caller_id, job_id), there=True, what="report")
    report = services.artifacts.get(f"{key}/report.json")
    return Response(report, 200, {"cache-control": "no-cache"}, "application/json")


def document_of(services: Services, caller_id: str, job_id: str) -> Response:
    """The document of a caller's job; RequestError 404, 409, 410."""
    text = services.jobs.get_designed(caller_id, job_id)
    return Response(text.encode(), 200, {"cache-control": "no-cache"}, "application/json")


def _open_zip(services: Services, identity: Identity, job_id: str) -> zipfile.ZipFile:
    output = services.jobs.get_output(identity.caller.id, job_id)
    key = _key(output, there=True, what="files")
    return zipfile.ZipFile(io.BytesIO(services.artifacts.get(f"{key}/project.zip")))


def _key(output: Output, *, there: bool, what: str) -> str:
    """Where the output is stored; RequestError 410 once it has expired, 409 if it is not there."""
    if output.expired:
        raise RequestError(410, "expired", f"The {what} of this job has expired.")
    if output.key is None or not there:
        status = output.job.status
        hope = "there is no" if output.job.finished else "there is not yet any"
        raise RequestError(409, "not_ready", f"The job is {status}: {hope} {what}.")
    return output.key
