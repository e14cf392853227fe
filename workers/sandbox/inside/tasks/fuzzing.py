"""No request, however odd, is answered otherwise than the project's own description says."""

from __future__ import annotations

import importlib
import logging
import os
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from alembic import command
from alembic.config import Config

from ..job import Job
from .surroundings import enter_project
from .verdict import failed, in_one_line, passed, traced

_Message = dict[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

_SEED: Final = 20_240_101
_LEAST_EXAMPLES: Final = 3
_MOST_EXAMPLES: Final = 50
_SCENARIOS: Final = 20
_MOST_SHOWN: Final = 10
_MOST_LINES: Final = 14
_MOST_CHARACTERS: Final = 300
_SETTINGS: Final[dict[str, Any]] = {
    "seed": _SEED,
    "cache": {"enabled": False},
    "analysis": {"constants": {"enabled": False}},
    "output": {"sanitization": {"enabled": False}},
    "generation": {"database": "none", "deterministic": True},
    "checks": {
        "enabled": False,
        "not_a_server_error": {"enabled": True},
        "status_code_conformance": {"enabled": True},
        "content_type_conformance": {"enabled": True},
        "response_headers_conformance": {"enabled": True},
        "response_schema_conformance": {"enabled": True},
        "unsupported_method": {"enabled": True},
        "allow_header_conformance": {"enabled": True},
        "ensure_resource_availability": {"enabled": True},
        "ignored_auth": {"enabled": True},
    },
}
"""As in a `schemathesis.toml`."""


def fuzz_project(job: Job) -> dict[str, Any]:
    """Send what schemathesis makes of `app.openapi()` to the application, within this process.

    What is drawn is bounded by number (`requests`, shared by all operations), so that it is the
    same each time; `draw_seconds` are for projects so large that the job would be killed. What is
    enumerated grows with the size of the schemas, so it gets `seconds`, of which each operation has
    the same share.
    """
    database = job.folder / "fuzzed.sqlite"
    enter_project(job, database_url=f"sqlite:///{database}")
    os.environ["ALLOW_REGISTRATION"] = "true"
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(job.folder / "tmp" / "hypothesis")
    logging.disable()  # each refused request would be logged
    try:
        command.upgrade(Config(str(job.project / "alembic.ini")), "head")
        application = _Application(importlib.import_module("app.main").app, job)
        run = _Run(application, application.operation_count, _credentials(application))
        run.draw(int(job.arguments["requests"]), int(job.arguments["draw_seconds"]))
        run.enumerate(int(job.arguments["seconds"]))
    except BaseException as error:  # noqa: BLE001 - whatever it raises is what is to be shown
        return failed(in_one_line(error), output=traced(error, job.project))
    if not run.counts.total():
        return failed("no request could be made")
    if not run.failures:
        return passed(details=run.tried(), counts=dict(run.counts))
    shown = list(run.failures.values())[:_MOST_SHOWN]
    left = len(run.failures) - len(shown)
    return failed(
        f"{len(run.failures)} answers that the API does not describe",
        output="\n\n".join(one.text for one in shown) + (f"\n\n… {left} more" if left else ""),
        details=[*(one.line for one in run.failures.values()), *run.tried()],
        counts=dict(run.counts),
    )


def _credentials(application: _Application) -> dict[str, str]:
    """What a user sends along; nothing where the project has none."""
    if "/auth/register" not in application.paths:
        return {}
    from schemathesis.python.asgi import get_client  # noqa: PLC0415 - as in `_Run`

    user = {"username": "fuzz", "password": secrets.token_urlsafe(24)}
    with get_client(application) as client:
        client.post("/auth/register", json=user).raise_for_status()
        answer = client.post("/auth/token", data=user)
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


class _Application:
    """The application, with what it raises beyond its answer kept rather than raised."""

    def __init__(self, served: Any, job: Job) -> None:  # noqa: ANN401 - the project's own
        self._served = served
        self._project = job.project
        self.raised: dict[tuple[str, str], str] = {}
        """By method and path with its query, as they were sent: the traceback of it."""

    @property
    def paths(self) -> dict[str, Any]:
        """Those that it describes; `import` sees to it that there is one."""
        paths: dict[str, Any] = self._served.openapi()["paths"]
        return paths

    @property
    def operation_count(self) -> int:
        """As many as it describes."""
        return sum(len(operations) for operations in self.paths.values())

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        begun = False

        async def answer(message: _Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._served(scope, receive, answer)
        except Exception as error:
            if scope["type"] != "http":
                raise
            target = scope["raw_path"] + (b"?" + scope["query_string"]).rstrip(b"?")
            self.raised[scope["method"], target.decode()] = traced(error, self._project)
            if not begun:
                headers = [(b"content-type", b"text/plain")]
                await send({"type": "http.response.start", "status": 500, "headers": headers})
                await send({"type": "http.response.body", "body": b"It raised."})


@dataclass
class _Run:
    """All that schemathesis did, and what it found: the first failure of each kind and place."""

    application: _Application
    operations: int
    headers: Mapping[str, str]
    """Sent with each request but those that try without."""
    counts: Counter[str] = field(default_factory=Counter)
    """Requests by phase."""
    failures: dict[tuple[str, str], _Failure] = field(default_factory=dict)
    cut: bool = False
    """Whether the time was up before everything was tried."""

    def draw(self, requests: int, seconds: int) -> None:
        """Run the phases that draw their requests at random, from the same seed each time."""
        share = requests // self.operations
        drawn = {"max-examples": min(max(share, _LEAST_EXAMPLES), _MOST_EXAMPLES)}
        scenarios = {"generation": {"max-examples": _SCENARIOS}}
        self._run(
            {"examples": {}, "fuzzing": {"generation": drawn}, "stateful": scenarios},
            seconds=seconds,
        )

    def enumerate(self, seconds: int) -> None:
        """Run the phase that tries the edges of all schemas, as far as it gets."""
        self._run({"coverage": {}}, seconds=seconds)

    def _run(self, phases: Mapping[str, Mapping[str, Any]], *, seconds: int) -> None:
        # It costs half a second to import, which is too much for jobs that do without it
        from schemathesis.config import SchemathesisConfig  # noqa: PLC0415
        from schemathesis.engine import StopReason, events, from_schema  # noqa: PLC0415
        from schemathesis.openapi import from_asgi  # noqa: PLC0415

        enabled = {name: {"enabled": True, **phase} for name, phase in phases.items()}
        config = SchemathesisConfig.from_dict(
            _SETTINGS | {"headers": dict(self.headers), "phases": {"enabled": False, **enabled}}
        )
        config.max_time = seconds
        schema = from_asgi("/openapi.json", self.application, config=config)
        for event in from_schema(schema).execute():
            match event:
                case events.ScenarioFinished():
                    self._take(event)
                case events.NonFatalError():
                    self._report(
                        event.label, "could not be tried", event.info.message.splitlines(), ""
                    )
                case events.FatalError():
                    raise event.exception
                case events.EngineFinished():
                    self.cut |= event.stop_reason is StopReason.MAX_TIME

    def tried(self) -> list[str]:
        """What was sent, in one line."""
        phases = ", ".join(f"{count} in {phase}" for phase, count in self.counts.items() if count)
        cut = " (the time was up)" if self.cut else ""
        return [f"{self.counts.total()} requests to {self.operations} operations: {phases}{cut}"]

    def _take(self, event: Any) -> None:  # noqa: ANN401 - its class is not imported up here
        recorder = event.recorder
        self.counts[event.phase.value] += len(recorder.interactions)
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    case = recorder.cases[check.failure_info.failure.case_id or case_id].value
                    self._explain(recorder, case, case_id, check.failure_info)

    def _explain(self, recorder: Any, case: Any, case_id: str, info: Any) -> None:  # noqa: ANN401
        """Keep the failure with the calls that lead to it and what the application raised."""
        failure = info.failure
        calls = [step.curl for step in info.steps] or [info.code_sample]
        lines = [line for line in failure.message.splitlines() if line.strip()][:_MOST_LINES]
        lines += calls
        response = recorder.find_response(case_id=case.id) or recorder.find_response(
            case_id=case_id
        )
        if response is not None:
            content = response.content.decode("utf-8", "replace")
            lines.append(f"answered {int(response.status_code)}: {content}")
            _, _, target = response.request.url.partition("//")[2].partition("/")
            raised = self.application.raised.get((response.request.method, f"/{target}"), "")
            lines += raised.splitlines()[-_MOST_LINES:]
        self._report(case.operation.label, failure.title, lines, calls[-1])

    def _report(self, place: str, title: str, lines: list[str], call: str) -> None:
        if (place, title) not in self.failures:
            text = "\n  ".join([f"{place}: {title}", *(line[:_MOST_CHARACTERS] for line in lines)])
            line = f"{place}: {title}" + (f": {call.splitlines()[-1]}" if call else "")
            self.failures[place, title] = _Failure(line, text)


@dataclass(frozen=True)
class _Failure:
    """One thing that was found, in a line and in several."""

    line: str
    text: str
