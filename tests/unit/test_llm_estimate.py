"""What is said before anything is asked holds for what is asked: real questions, worst answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.prompt import read_prompt
from common.document.read import read_document
from common.errors import GenerationError
from common.jobs.job import Stage
from common.llm.answers import Finish
from common.llm.choice import choose_model
from common.llm.estimate import Estimator, LlmEstimate
from common.llm.prices import Prices
from common.llm.sizes import FIXED_BYTES
from common.settings import Settings
from workers.llm.metered import make_request
from workers.llm.model import Answer, Question
from workers.llm.models import unmetered_model
from workers.llm.prompts import instructions
from workers.llm.provider import Reply
from workers.plan import Plan, make_plan
from workers.plan.operations import OperationPlan
from workers.stages.design import answer_schema, design
from workers.stages.writing import ANSWER_SCHEMA, Writing

GOLDEN = Path(__file__).parents[1] / "golden" / "documents"
LIMITS = DocumentLimits(can_design=True, can_implement=True)
WORST = "\N{GRINNING FACE}" * 150_000
OPERATION = {
    "name": "count_all",
    "method": "GET",
    "description": "Counts <all> & \N{GRINNING FACE}.",
    "input": {"a": "String"},
    "returns": {"n": "Integer"},
}
RULE = {"name": "a", "type": "Integer"}


def settings(**more: Any) -> Settings:
    known: dict[str, Any] = {"default_llm_provider": "openai", "openai_api_key": "k" * 40}
    return Settings(_env_file=None, **(known | more))


class Recording:
    """Answers as the test wants, and knows what each question reserves at most."""

    def __init__(self, made: Settings, answer: str | Callable[[], str]) -> None:
        self._settings = made
        self._answer = answer
        self.costs: list[float] = []

    def ask(self, question: Question) -> Answer:
        choice = choose_model(self._settings, question.stage)
        assert choice is not None
        cost = make_request(choice, question, Prices.read()).cost_usd
        assert cost is not None
        self.costs.append(cost)
        text = self._answer if isinstance(self._answer, str) else self._answer()
        return Answer(text, "openai", choice.model)


def holds(estimate: LlmEstimate, costs: list[float]) -> None:
    assert estimate.cost_usd is not None
    assert estimate.reserved_usd is not None
    assert estimate.max_cost_usd is not None
    assert 0 < estimate.cost_usd < costs[0] <= estimate.reserved_usd
    assert costs[0] > estimate.reserved_usd / 2, "nobody is told to allow twice as much"
    assert sum(costs) <= estimate.max_cost_usd


@pytest.mark.parametrize(
    ("stage", "prompt", "schema"),
    [
        (Stage.DESIGN, "design-1", answer_schema()),
        (Stage.IMPLEMENT, "implement-1", ANSWER_SCHEMA),
    ],
)
def test_our_part_of_a_question_is_as_large_as_it_is_said(
    stage: Stage, prompt: str, schema: Any
) -> None:
    real = len(instructions(prompt).encode()) + len(json.dumps(dict(schema)))
    assert real <= FIXED_BYTES[stage] <= 1.15 * real


@pytest.mark.parametrize("text", ["a shop", "<&>" * 5000, "\N{GRINNING FACE}" * 9000])
@pytest.mark.parametrize("changed", [False, True])
def test_of_a_design(text: str, changed: bool) -> None:
    made = settings()
    document = json.loads((GOLDEN / "soft_delete.json").read_text()) if changed else None
    raw = {"prompt": text} | ({"document": document} if document else {})
    prompt = read_prompt(raw, LIMITS).prompt
    assert prompt is not None
    model = Recording(made, WORST)
    with pytest.raises(GenerationError):
        design(prompt, model, limits=LIMITS, max_repairs=made.max_repairs)
    assert len(model.costs) == 1 + made.max_repairs
    holds(Estimator(made).design(prompt.text, prompt.document), model.costs)


def test_faults_of_a_design_are_told_in_bounds() -> None:
    made = settings()
    odd = {"\x01" * 900 + str(number): 1 for number in range(60)}
    prompt = read_prompt({"prompt": "a shop"}, LIMITS).prompt
    assert prompt is not None
    model = Recording(made, json.dumps(odd))
    with pytest.raises(GenerationError):
        design(prompt, model, limits=LIMITS, max_repairs=made.max_repairs)
    holds(Estimator(made).design(prompt.text, None), model.costs)


def converse(plan: Plan, operation: OperationPlan, made: Settings) -> list[float]:
    model = Recording(made, WORST)
    writing = Writing(plan, operation, model)
    for _ in range(1 + made.max_repairs):
        assert writing.draft() is None
        writing.tell("\x01" * 9_000)
    return model.costs


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_of_an_operation(path: Path) -> None:
    made = settings()
    raw = json.loads(path.read_text())
    rules = [{k: v for k, v in one.items() if k != "body"} for one in raw.get("operations", [])]
    raw["operations"] = rules or [OPERATION]
    reading = read_document(raw, LIMITS)
    assert reading.resolved is not None, reading.faults
    plan = make_plan(reading.resolved)
    for operation in plan.operations:
        holds(Estimator(made).implement(raw, 1), converse(plan, operation, made))


def test_of_a_large_document() -> None:
    made = settings()
    columns = [{"name": f"some_long_column_name_{n}", "type": "Integer"} for n in range(99)]
    raw = {
        "project_name": "large",
        "db_type": "sqlite",
        "schema": [
            {
                "table_name": f"table_number_{n}",
                "class_name": f"Table{n}",
                "columns": [{"name": "id", "type": "Integer", "primary_key": True}, *columns],
            }
            for n in range(50)
        ],
        "operations": [OPERATION],
    }
    reading = read_document(raw, LIMITS)
    assert reading.resolved is not None, reading.faults
    plan = make_plan(reading.resolved)
    costs = converse(plan, plan.operations[0], made)
    estimate = Estimator(made).implement(raw, 1)
    assert estimate.max_cost_usd is not None
    assert costs[0] <= (estimate.reserved_usd or 0)
    assert sum(costs) <= estimate.max_cost_usd


def test_what_is_told_to_be_allowed_lets_the_first_call_be_made() -> None:
    made = settings()
    prompt = read_prompt({"prompt": "a shop"}, LIMITS).prompt
    assert prompt is not None
    estimate = Estimator(made).design("a shop", None)

    class Told:
        def call(self, *_: object) -> Reply:
            return Reply("no", Finish.ANSWERED, 10, 10)

    assert estimate.cost_usd is not None
    asked = []
    for most in (estimate.cost_usd, estimate.reserved_usd):
        model = unmetered_model(made, cancelled=lambda: False, max_cost_usd=most, provider=Told())
        with pytest.raises(GenerationError):
            design(prompt, model, limits=LIMITS, max_repairs=0)
        asked.append(model.usage.llm_calls)
    assert asked == [0, 1]


def test_of_all_of_a_job() -> None:
    one = LlmEstimate(1, 1.0, 0.5, 9.0) + LlmEstimate(2, 2.0, 0.75, 1.0)
    assert one == LlmEstimate(3, 3.0, 0.75, 10.0)
    unknown = one + LlmEstimate(1, None, None, None)
    assert unknown == LlmEstimate(4, None, None, None)
    estimator = Estimator(settings())
    whole = estimator.implement_designed({"operations": [OPERATION]}, 1)
    assert whole.llm_calls == 1
    small = estimator.implement({"schema": [], "operations": [OPERATION]}, 1)
    assert (whole.reserved_usd or 0) > (small.reserved_usd or 0)
    only_design = Estimator(
        settings(default_llm_provider="none", design_llm_model="openai:gpt-5.4")
    )
    assert only_design.implement_designed({}, 1).llm_calls == 0
