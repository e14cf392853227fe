"""The stage that makes a document of words: a model writes it, our checks judge it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument
from common.document.prompt import Prompt
from common.document.read import Reading, read_document
from common.document.strict_json import parse_json
from common.errors import Fault, GenerationError, RequestError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from workers.llm.model import Message, Model, Question
from workers.llm.prompts import enclosed, instructions, try_number

PROMPT: Final = "design-1"
_MOST_FAULTS: Final = 30
"""That one answer names: a model mends what it is shown, and each costs."""
_LONGEST_POINTER: Final = 300
_LONGEST_MESSAGE: Final = 400
_LONGEST_ECHO: Final = 100_000
"""Characters of an answer that are sent back with its faults."""
# What the caller says, and no model: which code is made, how it runs, which rules hold
_OF_THE_CALLER: Final = ("operations", "options", "run")
# What a model that designs tables has to know of a rule: no code, and no example of any kind
_OF_AN_OPERATION: Final = ("name", "input", "returns", "table")
_UNSAID: Final = frozenset({"examples", "body"})
_FENCE: Final = "```"


@dataclass(frozen=True, slots=True)
class Design:
    """A document without faults, and who wrote it."""

    document: dict[str, Any]
    """As JSON, with what is the caller's: `options`, `operations`, `run`"""
    warnings: tuple[Fault, ...]
    """What is odd about it, with pointers into it"""
    provider: str
    model: str


def design(
    prompt: Prompt,
    model: Model,
    *,
    limits: DocumentLimits,
    max_repairs: int,
    rounds: int = 1,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Design:
    """Have `model` make a document, and put it right while there are faults.

    Where this failed before, `rounds` is one more than how often: those that failed are gone
    through again (their answers are known), then the next begins with other words. `on_progress`
    hears how many answers there were, of how many there can be. Raises GenerationError
    `design_failed`, with the last faults, after `max_repairs` repairs; and whatever `model` raises.
    """
    faults: tuple[Fault, ...] = ()
    most = rounds * (max_repairs + 1)
    for number in range(rounds):
        messages = [
            Message("system", instructions(PROMPT)),
            Message("user", try_number(number) + _request(prompt)),
        ]
        for repair in range(max_repairs + 1):
            on_progress(number * (max_repairs + 1) + repair, most)
            question = Question(Stage.DESIGN, PROMPT, tuple(messages), answer_schema())
            answer = model.ask(question)
            reading = _read(answer.text, prompt, limits)
            if isinstance(reading, Reading):
                assert isinstance(reading.raw, dict)  # noqa: S101 - it has no faults
                return Design(reading.raw, reading.warnings, answer.provider, answer.model)
            faults = reading
            messages = [
                *messages[:2],  # the last answer alone: those before it only cost
                Message("assistant", answer.text[:_LONGEST_ECHO]),
                # With its number: where an answer is the same, the next question is not
                Message("user", f"{_told(faults, prompt)}\n\nThis is repair {repair + 1}."),
            ]
    raise GenerationError(
        ErrorCode.DESIGN_FAILED, _failed(faults, max_repairs), stage=Stage.DESIGN, retryable=True
    )


@cache
def answer_schema() -> Mapping[str, Any]:
    """JSON Schema of what a model writes: a project document without what is the caller's."""
    schema = ProjectDocument.model_json_schema(by_alias=True)
    for name in _OF_THE_CALLER:
        schema["properties"].pop(name)
    used: set[str] = set()
    _note_definitions(schema["properties"], schema["$defs"], used)
    schema["$defs"] = {name: schema["$defs"][name] for name in sorted(used)}
    return schema


def _note_definitions(part: object, definitions: Mapping[str, Any], used: set[str]) -> None:
    if isinstance(part, list):
        for item in part:
            _note_definitions(item, definitions, used)
    elif isinstance(part, dict):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name and name not in used:
            used.add(name)
            _note_definitions(definitions[name], definitions, used)
        for item in part.values():
            _note_definitions(item, definitions, used)


def _request(prompt: Prompt) -> str:
    """What was asked for, as data that can't pass for anything else."""
    said = [enclosed("request", prompt.text)]
    if prompt.document is not None:
        known = {name: value for name, value in prompt.document.items() if name != "run"}
        if "operations" in known:
            known["operations"] = [
                {name: one[name] for name in _OF_AN_OPERATION if name in one}
                for one in known["operations"]
            ]
        said.append(enclosed("document", known))
    return "\n\n".join(said)


def _told(faults: tuple[Fault, ...], prompt: Prompt) -> str:
    sayable = tuple(dict.fromkeys(_sayable(fault, prompt) for fault in faults))
    told = [
        {
            "pointer": fault.pointer[:_LONGEST_POINTER],
            "code": fault.code,
            "message": fault.message[:_LONGEST_MESSAGE],
        }
        for fault in sayable[:_MOST_FAULTS]
    ]
    more = len(sayable) - _MOST_FAULTS
    if more > 0:
        told.append({"message": f"{more} further faults are not listed."})
    return enclosed("faults", told)


def _sayable(fault: Fault, prompt: Prompt) -> Fault:
    """The fault as a model may hear it: of examples, some of which no model sees, names alone."""
    place = [part.replace("~1", "/").replace("~0", "~") for part in fault.pointer.split("/")[1:]]
    if len(place) < 3 or place[0] != "operations" or place[2] not in _UNSAID:  # noqa: PLR2004
        return fault
    operations = prompt.document["operations"] if prompt.document else ()
    name = operations[int(place[1])]["name"]
    message = f"The operation {name!r} does not fit these tables any more: {_unfit(place[2:])}"
    return Fault(f"/operations/{place[1]}", fault.code, message)


def _unfit(place: list[str]) -> str:
    """What tables lack, by the place of a fault: `examples/0/given/members/0/points`."""
    match place:
        case ["examples", _, "given" | "then", table, _, column]:
            return f"it needs {table!r} with the column {column!r} as that was."
        case ["examples", _, "given" | "then", table, _]:
            return f"it makes rows of {table!r} with the columns that there were, and no others."
        case ["examples", _, "given" | "then", table]:
            return f"it needs the table {table!r}."
    return "keep the tables, classes and columns that there were."


def _read(answer: str, prompt: Prompt, limits: DocumentLimits) -> Reading | tuple[Fault, ...]:
    """The document in an answer, or what is wrong with it."""
    try:
        written = parse_json(_unfenced(answer).encode("utf-8", "surrogatepass"))
    except RequestError as error:
        return error.faults or (Fault("", error.code, error.detail),)
    if not isinstance(written, dict):
        return (Fault("", "invalid_document", "The document is a JSON object."),)
    document = {name: value for name, value in written.items() if name not in _OF_THE_CALLER}
    document |= _of_the_caller(prompt)
    try:
        reading = read_document(document, limits)
    except RequestError as error:
        return error.faults or (Fault("", error.code, error.detail),)
    return reading.faults or reading


def _unfenced(answer: str) -> str:
    """What stands in a code fence that is all of an answer; else the answer."""
    text = answer.strip()
    if text.startswith(_FENCE) and text.endswith(_FENCE):
        language, newline, rest = text[len(_FENCE) : -len(_FENCE)].partition("\n")
        if newline and language.strip() in {"", "json"}:
            return rest.strip()
    return text


def _of_the_caller(prompt: Prompt) -> dict[str, Any]:
    kept = {
        name: prompt.document[name]
        for name in ("operations", "options")
        if prompt.document is not None and name in prompt.document
    }
    if prompt.options is not None:
        kept["options"] = prompt.options
    run = prompt.run.model_dump(mode="json", exclude_unset=True)
    return kept | ({"run": run} if run else {})


def _failed(faults: tuple[Fault, ...], repairs: int) -> str:
    named = "; ".join(f"{fault.pointer or 'the document'}: {fault.message}" for fault in faults[:5])
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""  # noqa: PLR2004 - as above
    return f"After {repairs} repairs the design still has faults: {named}{more}"
