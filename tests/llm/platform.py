"""The real processes of a platform, and a scripted server in the place of its provider."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from backbone.client import Client
from backbone.scripted_llm.process import ScriptedServer
from common.clock import MOVED_BY
from common.db.tables import llm_calls
from tests.chaos.documents import small_document
from tests.chaos.rig import Rig
from tests.llm.scene import KEY

ANSWER = {"json": {"code": 'return {"value": 1}'}, "times": None}
MODEL = "gpt-5.4"
OVER = frozenset({"succeeded", "failed", "cancelled"})
NO_LIMIT = "unlimited"

Job = dict[str, Any]


def provided_by(server: ScriptedServer, name: str) -> dict[str, str]:
    """The settings of a platform that asks the script `name`, without any quota."""
    scopes = ("LLM", "LLM_TOTAL")
    quotas = [f"{scope}_{what}_PER_HOUR" for scope in scopes for what in ("CALLS", "TOKENS")]
    money = [f"{scope}_COST_USD_PER_HOUR" for scope in scopes]
    return dict.fromkeys([*quotas, *money], NO_LIMIT) | {
        "DEFAULT_LLM_PROVIDER": "openai",
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": server.openai_url(name),
        "OPENAI_MODEL": MODEL,
        "OPENAI_MAX_TOKENS": "500",
        "OPENAI_TIMEOUT_SECONDS": "30",
    }


def document_with_rules(number: int, calls: int) -> bytes:
    """A document that asks a model `calls` times, each time for something else."""
    operations = [
        {
            "name": f"rule_{number}_{place}",
            "method": "GET",
            "description": "Return the number one.",
            "returns": {"value": "Integer"},
        }
        for place in range(calls)
    ]
    # A stub is what needs no provider: it is written nevertheless where there is one
    asked = {"operations": operations, "options": {"on_unproven": "stub"}}
    return json.dumps(small_document(number) | asked).encode()


class MovedClock:
    """The clock of all processes that were started with `variables`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.variables = {MOVED_BY: str(path)}
        self.ahead_seconds = 0.0
        self.move(0)

    def move(self, seconds: float) -> None:
        """Put it forward."""
        self.ahead_seconds += seconds
        written = self._path.with_suffix(".writing")
        written.write_text(str(self.ahead_seconds), encoding="ascii")
        written.replace(self._path)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Look often; fails after so long, saying what did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def finished(client: Client, job_id: str, seconds: float) -> Job:
    """The job, once it is over."""
    deadline = time.monotonic() + seconds
    while (job := client.job(job_id))["status"] not in OVER:
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
    return job


def calls_of(rig: Rig, job_id: str | None = None) -> list[Any]:
    """The ledger, as the database has it."""
    statement = select(llm_calls).order_by(llm_calls.c.reserved_at)
    if job_id is not None:
        statement = statement.where(llm_calls.c.job_id == job_id)
    return rig.rows(statement)
