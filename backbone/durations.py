"""Spans of time as people type them: `30m`, `24h`, `90d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import click

_SPAN: Final = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST: Final = timedelta(days=3650)


class Duration(click.ParamType[timedelta]):
    """A number with its unit, or 0."""

    name = "30m|24h|90d"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """The span; wrong use if it can't be read or is longer than ten years."""
        if isinstance(value, timedelta):
            return value
        if value == "0":
            return timedelta(0)
        found = _SPAN.fullmatch(str(value))
        span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
        if span is None or span > _LONGEST:
            self.fail(f"{value!r} is no span of time such as 30m, 24h or 90d", param, ctx)
        return span


DURATION: Final = Duration()
