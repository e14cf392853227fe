"""What a script is: a list of steps, each of them used so many times by the calls that it fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from common.errors import BackboneError

Wire = Literal["openai", "anthropic"]
Doing = Literal[
    "answer",  # text or json
    "error",  # `status`, perhaps with Retry-After; midway: in the middle of a stream
    "hang",  # says nothing for hang_seconds, then closes the connection
    "drip",  # says one byte a second of an answer that never ends
    "flood",  # says as much as the other side takes, up to megabytes
    "bomb",  # the same, so packed that little is sent
    "cut",  # closes the connection in the middle of its answer
    "refuse",  # the model declines
    "filter",  # a filter of the provider takes the answer away
    "run_out",  # the answer ends at its greatest length
    "nonsense",  # a 200 whose body is `text`, whatever that is
]
_BILLED: Final = frozenset(
    {"answer", "hang", "drip", "flood", "bomb", "cut", "refuse", "filter", "run_out"}
)


class ScriptError(BackboneError):
    """A script that can't be read; the message says where it is wrong."""


class Usage(BaseModel):
    """The tokens that an answer says it cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_tokens: int
    output_tokens: int


class Step(BaseModel):
    """What is done with a call that this step fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Which calls it fits: all that is said here has to be so
    wire: Wire | None = None
    model: str | None = None
    contains: tuple[str, ...] = ()
    """Each of these is in the request"""
    lacks: tuple[str, ...] = ()
    """None of these is"""
    times: int | None = Field(1, ge=1)
    """How often it is used; None for ever"""

    # What is done
    does: Doing = "answer"
    text: str | None = None
    """The answer as the model wrote it, JSON or not"""
    value: JsonValue = Field(None, alias="json")
    """The answer as JSON"""
    plain: bool = False
    """Speaks, also where the call of a tool was asked for"""
    repeat: int = Field(1, ge=1)
    """How often the text is said in one answer"""
    delay_seconds: float = Field(0, ge=0)
    status: int = Field(500, ge=300, le=599)
    retry_after: str | None = None
    code: str | None = None
    """The error's, where it is not the usual one of the status"""
    message: str = "scripted error"
    """`{key}` becomes the key that the caller sent: there are providers that say it back"""
    midway: bool = False
    hang_seconds: float = Field(600, gt=0)
    megabytes: int = Field(64, ge=1, le=1024)
    headers: Mapping[str, str] = Field(default_factory=dict)
    usage: Usage | Literal["estimate"] | None = "estimate"
    """None leaves it out of the answer"""
    billed: bool | None = None
    """Whether a provider would ask money for it; unset, what providers usually do"""

    @property
    def costs(self) -> bool:
        """Whether a provider would ask money for it."""
        return self.does in _BILLED if self.billed is None else self.billed

    @property
    def said(self) -> str:
        """The whole text of the answer."""
        text = json.dumps(self.value) if self.text is None else self.text
        return text * self.repeat

    def fits(self, wire: Wire, model: str, request: str) -> bool:
        """Whether it is for this call; `request` is all that was sent."""
        return (
            self.wire in (None, wire)
            and self.model in (None, model)
            and all(words in request for words in self.contains)
            and not any(words in request for words in self.lacks)
        )


class Script(BaseModel):
    """The steps of one address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: tuple[Step, ...]
    key: str | None = None
    """The only key that is taken; None takes any"""

    def choose(
        self, wire: Wire, model: str, request: str, used: Mapping[int, int]
    ) -> tuple[int, Step] | None:
        """The first step that fits and is not used up, with its number; None if there is none.

        `used` holds by number how often each has been used.
        """
        for number, step in enumerate(self.steps):
            left = step.times is None or used.get(number, 0) < step.times
            if left and step.fits(wire, model, request):
                return number, step
        return None


def read_script(path: Path) -> Script:
    """The script in a file: an object with `steps`, or just their list.

    Raises ScriptError.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Script.model_validate({"steps": found} if isinstance(found, list) else found)
    except (OSError, ValueError, ValidationError) as error:
        raise ScriptError(f"{path.name}: {error}") from None
