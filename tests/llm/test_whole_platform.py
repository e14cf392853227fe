"""Words and rules through the real processes, with a scripted server in the provider's place.

Whatever the provider does, a job ends in a success or in a clear error, the API has no fault of its
own, and no secret shows anywhere.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from backbone.scripted_llm.process import ScriptedServer
from tests.chaos.rig import Rig, embedded
from tests.llm.platform import OVER, Job, calls_of, provided_by
from tests.llm.scene import KEY

_ENDS_WITHIN_SECONDS = 90
_SCRIPT = "whole"


def shop(name: str = "shop", **more: Any) -> dict[str, Any]:
    """What a model answers, or a person sends."""
    columns = [
        {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True},
        {"name": "name", "type": "String", "length": 80, "nullable": False},
        {"name": "stock", "type": "Integer", "nullable": False, "default": 0},
    ]
    table = {"table_name": "items", "class_name": "Item", "columns": columns}
    return {"project_name": name, "db_type": "sqlite", "schema": [table], **more}


def rule(name: str, *, unproven: str = "fail") -> dict[str, Any]:
    """A document with a rule that a model writes; one of its three examples is held back."""
    examples = [
        {
            "given": {"items": [{"name": f"{name}-{count}", "stock": count}]},
            "call": {"by": by},
            "expect": {"returns": {"total": count + by}},
        }
        for count, by in ((1, 2), (4, 6), (30, 3))
    ]
    operation = {
        "name": name,
        "method": "POST",
        "description": f"Add to the stock of all items, and return their sum ({name}).",
        "input": {"by": "Integer"},
        "returns": {"total": "Integer"},
        "examples": examples,
    }
    return shop(
        name, operations=[operation], options={"on_unproven": unproven}, run={"verify": "fast"}
    )


RIGHT = (
    "items = (await session.scalars(select(Item))).all()\n"
    "for item in items:\n"
    "    item.stock += by\n"
    'return {"total": sum(item.stock for item in items)}\n'
)
WRONG = 'return {"total": by}\n'
ESCAPES = {
    "imports": "import os\nreturn {'total': len(os.environ)}\n",
    "opens": "return {'total': len(open('/etc/passwd').read())}\n",
    "reflects": "return {'total': len(().__class__.__base__.__subclasses__())}\n",
    "loops": "while True:\n    pass\n",
}


class Platform:
    """A running platform, and its provider's script."""

    def __init__(self, rig: Rig, server: ScriptedServer) -> None:
        self.rig = rig
        self.server = server
        self.key = rig.key("words")
        self.http = httpx.Client(
            base_url=f"{rig.url}/api/v1", headers={"X-API-Key": self.key}, timeout=70
        )
        self.steps: list[dict[str, Any]] = []
        self.ended: list[Job] = []

    def answers(self, words: str, *steps: dict[str, Any]) -> None:
        """What the provider does with calls that have `words` in them."""
        self.steps += [{"contains": [words], **step} for step in steps]
        self.server.script(_SCRIPT, *self.steps)

    def run(self, path: str, body: dict[str, Any]) -> Job:
        """The job, once it has ended."""
        answer = self.http.post(path, json=body)
        assert answer.status_code == 202, answer.text
        job: Job = answer.json()
        until = time.monotonic() + _ENDS_WITHIN_SECONDS
        while job["status"] not in OVER:
            assert time.monotonic() < until, job
            polled = self.http.get(f"/jobs/{job['id']}", params={"wait": 10})
            assert polled.status_code == 200, polled.text
            job = polled.json()
        self.ended.append(job)
        return job

    def asked(self, words: str) -> list[str]:
        """The requests to the provider that have these words, as text."""
        bodies = [json.dumps(call.body) for call in self.server.record(_SCRIPT).calls]
        return [body for body in bodies if words in body]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("whole")
    settings = {
        "MAX_ATTEMPTS": "2",
        "MAX_REPAIRS": "1",
        "OPENAI_TIMEOUT_SECONDS": "3",
        "LLM_PRICES_FILE": str(folder / "prices.json"),
    }
    price = {"input_usd": 1, "output_usd": 10, "date": "2026-01-01", "source": "a test"}
    prices = {"prices": {"openai:*": price}}
    (folder / "prices.json").write_text(json.dumps(prices), encoding="utf-8")
    with (
        ScriptedServer(folder / "scripts") as server,
        embedded(folder) as stores,
        Rig(folder, stores, **(provided_by(server, _SCRIPT) | settings)) as rig,
    ):
        made = Platform(rig, server)
        yield made
        made.http.close()


def test_words_become_a_proven_backend(platform: Platform) -> None:
    platform.answers("a proven shop", {"json": shop("proven")})
    job = platform.run("/generate", {"prompt": "a proven shop"})
    assert job["status"] == "succeeded", job["error"]
    assert job["project_name"] == "proven"
    assert job["verification"]["level"] == "full"
    assert job["verification"]["failed"] == 0
    assert job["verification"]["passed"] >= 7
    assert job["usage"]["llm_calls"] == 1
    assert job["usage"]["cost_usd"] > 0
    document = platform.http.get(f"/jobs/{job['id']}/document").json()
    assert document == shop("proven")
    archive = platform.http.get(f"/jobs/{job['id']}/artifact").content
    with zipfile.ZipFile(io.BytesIO(archive)) as project:
        manifest = json.loads(project.read("backbone.json"))
    assert manifest["document"] == document
    assert [made["prompt"] for made in manifest["llm"]] == ["design-1"]


def test_three_faults_are_mended_by_the_second_answer(platform: Platform) -> None:
    faulty = shop("mended") | {"db_type": "oracle", "tables": [], "project_name": "no name"}
    platform.answers("a mended shop", {"json": faulty}, {"json": shop("mended")})
    job = platform.run("/design", {"prompt": "a mended shop"})
    assert job["status"] == "succeeded", job["error"]
    assert job["kind"] == "design"
    assert job["artifact"] is None
    assert job["usage"]["llm_calls"] == 2
    assert platform.http.get(job["links"]["document"][7:]).json() == shop("mended")
    first, second = platform.asked("a mended shop")
    for pointer in ("/db_type", "/tables", "/project_name"):
        assert f'\\"{pointer}\\"' not in first
        assert f'\\"{pointer}\\"' in second


def test_a_body_that_fails_a_shown_example_is_mended(platform: Platform) -> None:
    platform.answers("mended_rule", {"json": {"code": WRONG}}, {"json": {"code": RIGHT}})
    job = platform.run("/generate", rule("mended_rule"))
    assert job["status"] == "succeeded", job["error"]
    report = platform.http.get(f"/jobs/{job['id']}/report").json()
    [operation] = report["operations"]
    assert operation["outcome"] == "passes"
    assert operation["shown"] == {"passed": 2, "total": 2}
    assert operation["held_back"] == {"passed": 1, "total": 1}


@pytest.mark.parametrize("unproven", ["fail", "stub"])
def test_a_body_that_only_passes_what_it_was_shown(platform: Platform, unproven: str) -> None:
    name = f"learnt_{unproven}"
    platform.answers(name, {"json": {"code": WRONG}, "times": 2})
    assert platform.run("/generate", rule(name, unproven=unproven))["usage"]["llm_calls"] == 2
    asked = platform.asked(name)
    shown = [count for count in (1, 4, 30) if f"{name}-{count}" in asked[0]]
    assert len(shown) == 2
    [held_back] = {1, 4, 30} - set(shown)
    # The same rule again, of a model that has learnt by heart what it was shown
    by_heart = {1: (2, 3), 4: (6, 10), 30: (3, 33)}
    told = dict(by_heart[count] for count in shown)
    platform.answers(name, {"json": {"code": f'return {{"total": {told!r}.get(by, 0)}}\n'}})
    job = platform.run("/generate", rule(name, unproven=unproven))
    if unproven == "fail":
        assert job["status"] == "failed"
        assert job["error"]["code"] == "operation_unproven"
        assert job["error"]["stage"] == "implement"
    else:
        assert job["status"] == "succeeded", job["error"]
        report = platform.http.get(f"/jobs/{job['id']}/report").json()
        assert report["operations"][0]["outcome"] == "stub"
        assert any("501" in warning["message"] for warning in job["warnings"])
    assert not any(f"{name}-{held_back}" in body for body in platform.asked(name))


def test_a_body_that_was_taken_over_costs_nothing(platform: Platform) -> None:
    document = rule("taken_over")
    document["operations"][0]["body"] = RIGHT
    job = platform.run("/generate", document)
    assert job["status"] == "succeeded", job["error"]
    assert job["usage"]["llm_calls"] == 0
    assert not platform.asked("taken_over")


GOOD = {"json": shop("good")}
BAD: dict[str, tuple[list[dict[str, Any]], str | None]] = {
    "an error of the server": ([{"does": "error", "status": 500}, GOOD], None),
    "errors for ever": ([{"does": "error", "status": 503, "times": None}], "llm_unavailable"),
    "busy for a second": (
        [{"does": "error", "status": 429, "retry_after": "1"}, GOOD],
        None,
    ),
    "a wrong key": ([{"does": "error", "status": 401, "message": "bad {key}"}], "llm_rejected"),
    "silence": ([{"does": "hang", "times": None}], "llm_unavailable"),
    "a cut connection": ([{"does": "cut"}, GOOD], None),
    "a refusal": ([{"does": "refuse"}], "llm_refused"),
    "a filter": ([{"does": "filter"}], "llm_refused"),
    "an answer that is too long": ([{"does": "run_out"}], "llm_answer_too_long"),
    "a flood": ([{"does": "flood", "megabytes": 64, "times": None}], "llm_answer_too_long"),
    "a 200 that is no answer": (
        [{"does": "nonsense", "text": "<html>", "times": None}],
        "llm_unavailable",
    ),
    "broken JSON": ([{"text": '{"project_name": "x', "times": None}], "design_failed"),
    "another schema": ([{"json": {"colour": "red"}, "times": None}], "design_failed"),
    "broken JSON once": ([{"text": "{"}, GOOD], None),
}


@pytest.mark.long  # what a provider does is tried over the wire in test_provider_failures.py
@pytest.mark.parametrize("case", BAD)
def test_whatever_a_provider_does_a_job_ends(platform: Platform, case: str) -> None:
    steps, code = BAD[case]
    words = f"A shop, in spite of {case}."
    platform.answers(words, *steps)
    job = platform.run("/design", {"prompt": words})
    if code is None:
        assert job["status"] == "succeeded", job["error"]
    else:
        assert job["status"] == "failed"
        assert job["error"]["code"] == code, job["error"]
        assert job["error"]["stage"] == "design"
        assert len(job["error"]["message"]) < 2000


@pytest.mark.parametrize("way", ESCAPES)
def test_code_that_tries_to_break_out_fills_nothing(platform: Platform, way: str) -> None:
    name = f"escape_{way}"
    platform.answers(name, {"json": {"code": ESCAPES[way]}, "times": None})
    job = platform.run("/generate", rule(name))
    assert job["status"] == "failed"
    assert job["error"]["code"] == "operation_unproven", job["error"]


def test_no_secret_shows_anywhere(platform: Platform) -> None:
    """The last test of this file: what all of them left behind is searched."""
    platform.answers("a last shop", {"does": "error", "status": 401, "message": "bad {key}"})
    assert platform.run("/design", {"prompt": "a last shop"})["status"] == "failed"
    platform.answers("the very last shop", {"json": shop("last")})
    assert platform.run("/generate", {"prompt": "the very last shop"})["status"] == "succeeded"
    secrets = [KEY.encode(), platform.key.encode()]
    for job in platform.ended:
        parts = ("events", "report", "document")
        told = [platform.http.get(f"/jobs/{job['id']}/{part}").text for part in parts]
        for text in (json.dumps(job), *told):
            assert not any(secret in text.encode() for secret in secrets)
    usage = platform.http.get("/usage")
    assert usage.status_code == 200
    metrics = httpx.get(f"{platform.rig.url}/metrics")
    assert "backbone_llm_requests_total" in metrics.text
    assert KEY not in usage.text + metrics.text
    assert {row.status for row in calls_of(platform.rig)} <= {"settled", "refunded", "unsettled"}

    folder = platform.rig.artifacts_folder.parent
    searched = 0
    for path in folder.rglob("*"):
        if not path.is_file() or path.is_relative_to(folder / "scripts"):
            continue
        content = path.read_bytes()
        searched += 1
        assert not any(secret in content for secret in secrets), path
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for entry in archive.namelist():
                    assert not any(secret in archive.read(entry) for secret in secrets), entry
    assert searched > 10
    assert (folder / "data" / "up.log").exists()
