"""What models cost: a table with dates and sources; the operator's own goes before it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from common.settings import SettingsError

_OURS: Final = Path(__file__).parent / "prices.json"
_DATED: Final = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2})\Z")
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens."""

    input_usd: float
    output_usd: float
    long_above: float = float("inf")
    """Input tokens above which a call costs what follows"""
    long_input_usd: float = 0
    long_output_usd: float = 0

    def cost_usd(self, input_tokens: int, output_tokens: int) -> float:
        """What a call costs."""
        if input_tokens > self.long_above:
            each = (self.long_input_usd, self.long_output_usd)
        else:
            each = (self.input_usd, self.output_usd)
        return (input_tokens * each[0] + output_tokens * each[1]) / _MILLION


class Prices:
    """Prices by `provider:model`; `provider:*` is for all of its models that are not named."""

    def __init__(self, by_model: Mapping[str, Price]) -> None:
        self._by_model = by_model

    @classmethod
    def read(cls, own: Path | None = None) -> Self:
        """Our table, with what the file `own` says instead or as well.

        Raises SettingsError for a file that can't be read.
        """
        table = dict(_ours())
        if own is not None:
            try:
                table |= _read(own)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise SettingsError(f"LLM_PRICES_FILE: can't be read: {reason}") from None
            except (ValueError, KeyError, TypeError, AttributeError):
                raise SettingsError(
                    'LLM_PRICES_FILE: must read like {"prices": {"openai:gpt-5.4":'
                    ' {"input_usd": 2.5, "output_usd": 15, "date": "…", "source": "…"}}}'
                ) from None
        return cls(table)

    def find(self, provider: str, model: str) -> Price | None:
        """The price of a model; that of `gpt-4.1` serves for `gpt-4.1-2025-04-14`, too."""
        for name in (model, _DATED.sub("", model), "*"):
            found = self._by_model.get(f"{provider}:{name}")
            if found is not None:
                return found
        return None


@cache
def _ours() -> Mapping[str, Price]:
    return _read(_OURS)


def _read(path: Path) -> dict[str, Price]:
    stored = json.loads(path.read_text(encoding="utf-8"))["prices"]
    return {name: _price(each) for name, each in stored.items()}


def _price(stored: dict[str, Any]) -> Price:
    plain = (_dollars(stored["input_usd"]), _dollars(stored["output_usd"]))
    above = stored.get("long_context")
    if above is None:
        return Price(*plain)
    return Price(
        *plain,
        long_above=_dollars(above["above_input_tokens"]),
        long_input_usd=_dollars(above["input_usd"]),
        long_output_usd=_dollars(above["output_usd"]),
    )


def _dollars(stored: object) -> float:
    if isinstance(stored, bool) or not isinstance(stored, int | float):
        raise TypeError("is no amount")
    if not 0 <= stored <= _MILLION:
        raise ValueError("is no amount")
    return float(stored)
