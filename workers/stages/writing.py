"""The conversation in which a model writes the body of one operation."""

from __future__ import annotations

import json
from typing import Any, Final

from common.document.gate import BodyError, check_body
from common.jobs.job import Stage
from workers.llm.model import Answer, Message, Model, Question
from workers.llm.prompts import enclosed, instructions, try_number
from workers.plan import Plan
from workers.plan.ir import LinkPlan, ModelPlan
from workers.plan.operations import Implementation, OperationPlan

PROMPT: Final = "implement-1"
ANSWER_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"code": {"type": "string"}},
    "required": ["code"],
    "additionalProperties": False,
}
_MOST_CHARACTERS: Final = 100_000
"""Of an answer that is read at all."""
_LONGEST_FINDINGS: Final = 6_000
_FENCE: Final = "```"
_LANGUAGES: Final = frozenset({"", "python", "json"})


class Writing:
    """Asks, reads what comes, and tells what was wrong with it."""

    def __init__(
        self, plan: Plan, operation: OperationPlan, model: Model, *, number: int = 0
    ) -> None:
        """`number` counts conversations about this operation, from 0: no two begin alike."""
        self._operation = operation
        self._model = model
        self._messages = [
            Message("system", instructions(PROMPT)),
            Message("user", try_number(number) + enclosed("operation", described(plan, operation))),
        ]
        self.last_findings = ""
        """What was wrong with the last draft"""
        self.last_code: str | None = None
        """The last draft, as it was written"""

    def draft(self) -> Implementation | None:
        """What the model writes now; None, and told so, if the gate does not let it through.

        Raises what `Model.ask` raises.
        """
        answer = self._model.ask(
            Question(Stage.IMPLEMENT, PROMPT, tuple(self._messages), ANSWER_SCHEMA)
        )
        self._messages.append(Message("assistant", answer.text[:_MOST_CHARACTERS]))
        operation = self._operation
        self.last_code = code_in(answer.text)
        try:
            body = check_body(self.last_code, operation.signature, operation.words)
        except BodyError as error:
            self.tell("\n".join(str(fault) for fault in error.faults))
            return None
        return Implementation(
            body,
            f"{answer.provider} {answer.model}, asked with {PROMPT}",
            **_author(answer),
        )

    def tell(self, findings: str) -> None:
        """Say what is wrong with the draft, which is data."""
        self.last_findings = findings = findings[:_LONGEST_FINDINGS]
        self._messages.append(Message("user", enclosed("findings", findings.split("\n"))))


def _author(answer: Answer) -> dict[str, str]:
    return {"provider": answer.provider, "model": answer.model, "prompt": PROMPT}


def code_in(text: str) -> str:
    """The code in an answer: a member of an object as it was asked for, or what looks like code."""
    text = text[:_MOST_CHARACTERS].strip()
    fenced = _fenced(text)
    for candidate in (text, fenced):
        try:
            found = None if candidate is None else json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get("code"), str):
            return str(found["code"])
    return text if fenced is None else fenced


def _fenced(text: str) -> str | None:
    """What stands in the first code fence, in a time that grows with the text and no faster."""
    start = 0
    for line in text.split("\n"):
        start += len(line) + 1
        _, fence, language = line.rpartition(_FENCE)
        if fence and language.strip() in _LANGUAGES:
            end = text.find(_FENCE, start)
            return text[start:end] if end >= 0 else None
    return None


def described(plan: Plan, operation: OperationPlan) -> dict[str, object]:
    """All that a model has to know of an operation: values of JSON."""
    source = {word: name for name, word in ((n, w) for w, n in operation.imports.items())}
    return {
        "signature": _head(operation),
        "description": operation.description,
        "route": f"{operation.method} {plan.operations_path}{operation.path}",
        "returns": {value.name: value.annotation for value in operation.returns},
        "tables": [_table(table, source) for table in plan.build_order],
        "examples": [example.told for example in operation.without_held_back()],
    }


def _head(operation: OperationPlan) -> str:
    kind = "async def" if operation.signature.asynchronous else "def"
    inputs = ", ".join(f"{value.name}: {value.annotation}" for value in operation.inputs)
    parameters = f"session, *, {inputs}" if inputs else "session"
    returned = "dict[str, object]" if operation.returns else "None"
    return f"{kind} {operation.name}({parameters}) -> {returned}"


def _table(table: ModelPlan | LinkPlan, words: dict[str, str]) -> dict[str, object]:
    if isinstance(table, LinkPlan):
        columns = {column.name: column.annotation for column in table.columns}
        return {"table": words.get(table.symbol, table.symbol), "columns (`.c.`)": columns}
    return {
        "model": words.get(table.class_name, table.class_name),
        "table": table.table_name,
        "description": table.description or "",
        "columns": {
            column.attribute: column.annotation
            + (", key" if column.primary_key else "")
            + (", counted up by the database" if column.autoincrement else "")
            + (", has a default" if column.has_default else "")
            for column in table.columns
        },
        "relationships": {one.attribute: one.annotation for one in table.relationships},
        "enums": {
            column.enum.class_name: {member.name: member.value for member in column.enum.members}
            for column in table.columns
            if column.enum
        },
        "checks": [check.text for check in table.checks],
    }
