"""The platform's HTTP API from Python: one method a call, problems raised as errors."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from common.errors import BackboneError, Fault, RequestError
from common.project_files import MOST_BYTES, ProjectFilesError
from common.settings import ClientSettings

Job = dict[str, Any]
"""A job as the API sends it."""
Event = dict[str, Any]
"""A change of a job as the API sends it."""

_LONGEST_WAIT_SECONDS: Final = 30
_FAILURES_WHILE_WATCHING: Final = 5
_AWAY: Final = frozenset({429, 502, 503, 504})
_FINISHED: Final = frozenset({"succeeded", "failed", "cancelled"})


class UnreachableError(BackboneError):
    """No server answered; the message says where it was looked for."""


class ServerError(RequestError):
    """A problem that a server reported; `errors` are those of its members that are objects."""

    errors: Sequence[Mapping[str, Any]] = ()
    """As they were sent; one of `faults` for each"""


class Client:
    """A connection to one server. Problems that it reports are raised as RequestError."""

    def __init__(self, url: str, api_key: str | None) -> None:
        """`url` is the server's root, such as `http://127.0.0.1:8000`."""
        root = url.rstrip("/").removesuffix("/api/v1")
        if api_key and not api_key.isascii():
            raise UnreachableError("BACKBONE_API_KEY is not a key: it has letters beyond ASCII")
        headers = {"X-API-Key": api_key} if api_key else {}
        self._root = root
        try:
            self._http = httpx.Client(
                base_url=f"{root}/api/v1/",
                headers=headers,
                timeout=httpx.Timeout(_LONGEST_WAIT_SECONDS + 15, connect=5),
            )
        except (httpx.InvalidURL, ValueError):
            raise UnreachableError(f"{root} (BACKBONE_URL) is not an address") from None

    @classmethod
    def from_settings(cls, settings: ClientSettings) -> Self:
        """The client of BACKBONE_URL and BACKBONE_API_KEY."""
        key = settings.backbone_api_key
        return cls(settings.backbone_url, key.get_secret_value() if key else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def submit(self, document: bytes) -> Job:
        """Hand in a document; the job, as it was accepted."""
        return self._json("POST", "generate", content=document)

    def status(self) -> dict[str, Any]:
        """What the server is and can do."""
        return self._json("GET", "status")

    def job(self, job_id: str) -> Job:
        """One job."""
        return self._json("GET", _job_path(job_id))

    def jobs(self, **filters: str | int) -> dict[str, Any]:
        """A page of the caller's jobs, newest first: `items` and `next_cursor`."""
        return self._json("GET", "jobs", params=filters)

    def watch(self, job_id: str) -> Iterator[Job]:
        """The job now and after each change, until it is finished.

        Once it has been seen, a server that is away for a moment is waited for.
        """
        revision = ""
        patience = Patience()
        while True:
            try:
                response = self._send(
                    "GET",
                    _job_path(job_id),
                    params={"wait": _LONGEST_WAIT_SECONDS} if revision else None,
                    headers={"If-None-Match": revision} if revision else None,
                )
            except (UnreachableError, RequestError) as error:
                patience.try_on(error)
                continue
            patience.restore()
            if response.status_code == httpx.codes.NOT_MODIFIED:
                continue
            revision = response.headers.get("ETag", "")
            job: Job = self._read(response)
            yield job
            if job["status"] in _FINISHED:
                return

    def follow(self, job_id: str) -> Iterator[Event]:
        """All that happened to the job, from its beginning, and all that happens until it is over.

        Once something has been seen, a server that is away for a moment is waited for.
        """
        after, over = 0, False
        patience = Patience()
        while True:
            try:
                last = over  # it had ended before these were asked for: there are no others
                wait = 0 if last else _LONGEST_WAIT_SECONDS
                page = self._json(
                    "GET",
                    f"{_job_path(job_id)}/events",
                    params={"after": after, "wait": wait, "limit": 1000},
                )
                # Without a word for long: it may have ended before there were events.
                over = over or (not page["items"] and self.job(job_id)["status"] in _FINISHED)
            except (UnreachableError, RequestError) as error:
                patience.try_on(error)
                continue
            patience.restore()
            yield from page["items"]
            after = page["next_after"]
            if last or any(event["status"] in _FINISHED for event in page["items"]):
                return

    def cancel(self, job_id: str) -> Job:
        """Ask for a job to be stopped; the job as it is then."""
        return self._json("POST", f"{_job_path(job_id)}/cancel")

    def retry(self, job_id: str) -> Job:
        """Run a job that failed or was cancelled again; the new job."""
        return self._json("POST", f"{_job_path(job_id)}/retry")

    def report(self, job_id: str) -> dict[str, Any]:
        """The verification report of a job."""
        return self._json("GET", f"{_job_path(job_id)}/report")

    def document(self, job_id: str) -> dict[str, Any]:
        """The document of a job, also one that a model made of words."""
        return self._json("GET", f"{_job_path(job_id)}/document")

    def create_token(self, scopes: Sequence[str] | None = None) -> dict[str, Any]:
        """An access token for these scopes, or for all that the key has."""
        body = {} if scopes is None else {"scopes": list(scopes)}
        return self._json("POST", "auth/token", content=json.dumps(body).encode())

    def revoke_token(self, token: str) -> bool:
        """Take an access token back, by the key, or else by itself; whether that made it worthless.

        Once it returns, the token is refused.
        """
        own = None if "X-API-Key" in self._http.headers else {"Authorization": f"Bearer {token}"}
        body = json.dumps({"token": token}).encode()
        return bool(self._json("POST", "auth/revoke", content=body, headers=own)["revoked"])

    def artifact(self, job_id: str) -> bytes:
        """The zip of a finished job; ProjectFilesError where no project is that large."""
        content = bytearray()
        with (
            self._reaching(),
            self._http.stream("GET", f"{_job_path(job_id)}/artifact") as response,
        ):
            if response.is_error:
                response.read()
                raise read_problem(response)
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise ProjectFilesError(f"The zip has more than {MOST_BYTES:,} bytes")
        return bytes(content)

    def _json(
        self,
        method: str,
        path: str,
        *,
        content: bytes | Iterable[bytes] | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        within_seconds: float | None = None,
    ) -> dict[str, Any]:
        response = self._send(
            method,
            path,
            content=content,
            params=params,
            headers=headers,
            within_seconds=within_seconds,
        )
        return self._read(response)

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        answer = _members(response)
        if answer is None:
            raise UnreachableError(f"What answers at {self._root} (BACKBONE_URL) is no BackBone-AI")
        return answer

    def _send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | Iterable[bytes] | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        within_seconds: float | None = None,
    ) -> httpx.Response:
        timeout = self._http.timeout if within_seconds is None else httpx.Timeout(within_seconds)
        with self._reaching():
            response = self._http.request(
                method, path, content=content, params=params, headers=headers, timeout=timeout
            )
        if response.is_error:
            raise read_problem(response)
        return response

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Around what speaks to the server: says in one way that it can't be reached."""
        try:
            yield
        except httpx.TimeoutException:
            raise UnreachableError(f"{self._root} (BACKBONE_URL) did not answer in time") from None
        except (httpx.TransportError, httpx.InvalidURL):
            raise UnreachableError(
                f"No server answers at {self._root} (BACKBONE_URL); `backbone up` starts one"
            ) from None


class Patience:
    """How long a server that was there, and is away, is waited for."""

    def __init__(self) -> None:
        self._failures = 0
        self._met = False

    def try_on(self, error: UnreachableError | RequestError) -> None:
        """Wait a little, longer each time; raise `error` if it won't pass or it has been enough."""
        away = isinstance(error, UnreachableError) or error.status in _AWAY
        self._failures += 1
        if not self._met or not away or self._failures > _FAILURES_WHILE_WATCHING:
            raise error
        time.sleep(self._failures)

    def restore(self) -> None:
        """The server has answered."""
        self._failures, self._met = 0, True


def _job_path(job_id: str) -> str:
    return f"jobs/{quote(job_id, safe='')}"


def _members(response: httpx.Response) -> dict[str, Any] | None:
    """The object in JSON that a response holds, or None."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def read_problem(response: httpx.Response) -> ServerError:
    """The problem that a response describes; also for answers of somebody else's server."""
    problem = _members(response) or {}
    listed = problem.get("errors")
    errors = (
        [fault for fault in listed if isinstance(fault, dict)] if isinstance(listed, list) else []
    )
    faults = [
        Fault(place_of(fault), str(fault.get("code", "")), str(fault.get("message")))
        for fault in errors
    ]
    detail = problem.get("detail") or problem.get("title") or response.reason_phrase
    code = str(problem.get("type", "")).rpartition("/")[2] or str(response.status_code)
    hint = ""
    if response.status_code == httpx.codes.UNAUTHORIZED:
        hint = " (set BACKBONE_API_KEY to a valid key)"
    error = ServerError(
        response.status_code, code, f"{response.status_code}: {detail}{hint}", faults=faults
    )
    error.errors = errors
    return error


def place_of(fault: Mapping[str, Any], name: str | None = None) -> str:
    """Where a fault is: its pointer, after its line if it is one of a batch.

    The line goes with `name`, or else with its custom_id: `line 2 (shop-1) /body/db_type`.
    """
    pointer = str(fault.get("pointer", ""))
    if "line" not in fault:
        return pointer
    name = name or fault.get("custom_id")
    called = f" ({name})" if name else ""
    return f"line {fault['line']}{called} {pointer}".rstrip()
