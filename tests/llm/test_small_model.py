"""A real model answers through the real package: of five prompts at least one becomes a document.

The model is far too small to design. What is measured is that the wire carries a schema there and
an answer back, with nothing scripted in between; the figure is said as it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backbone.ports import answers, choose
from common.document.limits import DocumentLimits
from common.document.models import RunOptions
from common.document.prompt import Prompt
from common.document.read import read_document
from common.errors import GenerationError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from common.llm.choice import ModelChoice
from common.llm.prices import Prices
from tests.llm.small_model import NAME, weights
from workers.llm.model import Message, Question
from workers.llm.provider import LangChainProvider
from workers.llm.unmetered import UnmeteredModel
from workers.stages.design import design

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(weights() is None, reason="no small model: run `make test-llm`"),
]

DESIGNED = "designed"
PROMPTS = (
    "A blog with authors and posts.",
    "A library that lends books to members.",
    "A shop with products and orders.",
    "A clinic with patients and visits.",
    "Teams and their players.",
)
_UP_WITHIN_SECONDS = 120
_SYSTEM = (
    "You design data models. Answer with one JSON object: a project with its tables and their "
    "columns. Each table has a primary key, an Integer named id."
)


def member(properties: dict[str, Any]) -> dict[str, Any]:
    kind = {"type": "object", "properties": properties, "required": list(properties)}
    return kind | {"additionalProperties": False}


def items(item: dict[str, Any], most: int) -> dict[str, Any]:
    """A list with an end: left alone, a model of this size finds none."""
    return {"type": "array", "items": item, "minItems": 1, "maxItems": most}


WORD = {"type": "string", "pattern": "^[a-z][a-z_]{1,20}$"}
KINDS = {"enum": ["Integer", "String", "Text", "Boolean", "DateTime"]}
COLUMN = member({"name": WORD, "type": KINDS, "primary_key": {"type": "boolean"}})
CLASS = {"type": "string", "pattern": "^[A-Z][A-Za-z]{1,20}$"}
TABLE = member({"table_name": WORD, "class_name": CLASS, "columns": items(COLUMN, 4)})
PROJECT = member({"project_name": WORD, "db_type": {"enum": ["sqlite"]}, "schema": items(TABLE, 2)})


def is_loaded(port: int) -> bool:
    """It listens before it has read its weights."""
    return httpx.get(f"http://127.0.0.1:{port}/health", timeout=30).is_success


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    """Where the model answers."""
    port = choose("127.0.0.1", 0, setting="a test")
    serving = subprocess.Popen(
        [sys.executable, "-m", "tests.llm.small_model", str(port)],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _UP_WITHIN_SECONDS
        while not answers("127.0.0.1", port) or not is_loaded(port):
            assert serving.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        serving.kill()
        serving.wait()


@pytest.fixture
def model(url: str) -> ModelChoice:
    """The model as settings would describe it."""
    return ModelChoice(
        provider="openai",
        model=NAME,
        temperature=0,
        max_tokens=800,
        timeout_seconds=240,
        base_url=url,
        api_key=None,
    )


def test_at_least_one_of_five_prompts_becomes_a_document(
    model: ModelChoice, provider: LangChainProvider
) -> None:
    parsed = faultless = 0
    for prompt in PROMPTS:
        began_at = time.monotonic()
        messages = (Message("system", _SYSTEM), Message("user", prompt))
        asked = Question(Stage.DESIGN, "test-1", messages, PROJECT)
        reply = provider.call(model, asked, lambda: False)
        assert reply is not None
        assert reply.output_tokens
        try:
            reading = read_document(json.loads(reply.text), DocumentLimits())
        except ValueError as error:
            said = f"no JSON: {error}"
        else:
            parsed += reading.document is not None
            faultless += not reading.faults
            said = "; ".join(fault.message for fault in reading.faults) or "a document"
        seconds = time.monotonic() - began_at
        sys.stdout.write(f"\n{prompt} {reply.output_tokens} tokens, {seconds:.1f} s: {said}")
    sys.stdout.write(
        f"\n{NAME}, of {len(PROMPTS)} answers: {parsed} parse, {faultless} have no fault\n"
    )
    assert parsed >= 1


def test_the_stage_ends_in_a_document_or_says_why_not(
    model: ModelChoice, provider: LangChainProvider
) -> None:
    """As jobs design: with the whole schema and no bounds for a small mind. Nothing is expected."""
    ends: list[str] = []
    for prompt in PROMPTS:
        began_at = time.monotonic()
        asked = UnmeteredModel(provider, lambda _: model, Prices.read(), lambda: False)
        try:
            design(
                Prompt(prompt, None, None, RunOptions()),
                asked,
                limits=DocumentLimits(),
                max_repairs=0,
            )
        except GenerationError as error:
            ends.append(error.code)
        else:
            ends.append(DESIGNED)
        assert asked.usage.output_tokens
        sys.stdout.write(f"\n{prompt} {time.monotonic() - began_at:.1f} s: {ends[-1]}")
    good = ends.count(DESIGNED)
    sys.stdout.write(f"\n{NAME}, of {len(PROMPTS)} designs: {good} without a fault\n")
    assert set(ends) <= {DESIGNED, ErrorCode.DESIGN_FAILED, ErrorCode.LLM_ANSWER_TOO_LONG}
