"""Callers: who owns keys, tokens, jobs, limits and quotas."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import IntegrityError

from common.clock import Clock
from common.db.engine import reading
from common.db.tables import callers
from common.errors import Fault, RequestError
from common.ids import is_caller_id, new_id
from common.llm.quota import MEASURES
from common.rates import OwnRates

LOCAL: Final = "local"
"""The one caller there is while authentication is off."""
DEFAULT: Final = "default"
"""The caller that the setting API_KEY belongs to."""
LONGEST_NAME: Final = 200
UNLIMITED: Final = "unlimited"
"""How a quota is spelled that is no limit."""
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_USUAL: Final = OwnRates()
Check = Callable[[Connection], None]


def _nothing(_connection: Connection) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls; owns keys, tokens, jobs, limits and quotas."""

    id: str
    name: str
    rates: OwnRates = _USUAL


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """A caller with all that is kept about it."""

    caller: Caller
    created_at: datetime
    tokens_valid_from: datetime | None
    """Tokens that were signed without a key, and made before, are refused"""
    quotas: dict[str, float | None]
    """By `MEASURES`; None where the settings' hold, infinite where there is none"""

    def members(self) -> dict[str, object]:
        """As it is told; moments are left to the encoder."""
        return {
            "id": self.caller.id,
            "name": self.caller.name,
            "created_at": self.created_at,
            "tokens_valid_from": self.tokens_valid_from,
            "limits": asdict(self.caller.rates),
            "quotas": {
                name: UNLIMITED if quota == math.inf else quota
                for name, quota in self.quotas.items()
            },
        }


CALLER_COLUMNS: Final = (
    callers.c.id.label("caller_id"),
    callers.c.name.label("caller_name"),
    callers.c.rate_limit_authenticated,
    callers.c.rate_limit_generation,
    callers.c.rate_limit_validation,
)
"""What `caller_from_row` reads."""


def caller_from_row(row: Any) -> Caller:  # noqa: ANN401 - a Row knows its columns at run time only
    """The caller in a row that was selected with `CALLER_COLUMNS`."""
    own = (row.rate_limit_authenticated, row.rate_limit_generation, row.rate_limit_validation)
    rates = OwnRates(*own) if any(own) else _USUAL
    return Caller(row.caller_id, row.caller_name, rates)


def no_such_caller() -> RequestError:
    """The 404."""
    return RequestError(404, "caller_not_found", "There is no such caller.")


def is_caller_place(text: str) -> bool:
    """Whether a page of callers can end at this id."""
    return text in {LOCAL, DEFAULT} or is_caller_id(text)


def check_name(name: str) -> str:
    """`name`, if a caller or a key may be called so; RequestError 422 `invalid_name` otherwise."""
    if not (name.isprintable() and 0 < len(name) <= LONGEST_NAME and name == name.strip()):
        message = f"A name has 1 to {LONGEST_NAME} printable characters, no blanks around them."
        raise RequestError(422, "invalid_name", message, faults=(_at_name(message),))
    return name


def _at_name(message: str) -> Fault:
    return Fault("/name", "invalid_name", message)


class CallerStore:
    """Callers in one database; safe to share between threads, not across a fork."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock

    def ensure(self, name: str) -> Caller:
        """The caller called `name`, made if there is none. `local` and `default` are their ids."""
        found = self.find(name)
        if found is None:
            with contextlib.suppress(IntegrityError):  # another process made it in between
                self._insert(name)
            found = self.find(name)
        if found is None:
            raise no_such_caller()
        return found

    def create(
        self,
        name: str,
        *,
        rates: Mapping[str, str | None] = NOTHING,
        quotas: Mapping[str, float | None] = NOTHING,
        check: Check = _nothing,
    ) -> Caller:
        """A new caller; RequestError 422 `invalid_name`, 409 `caller_exists`.

        Nothing is done if `check` raises, which looks in the same transaction.
        """
        check_name(name)
        if is_caller_id(name):  # it would be taken for the one with that id
            message = "That is what the id of a caller looks like."
            raise RequestError(422, "invalid_name", message, faults=(_at_name(message),))
        try:
            self._insert(name, _own_values(rates, quotas), check)
        except IntegrityError:
            message = "There is a caller of that name."
            raise RequestError(409, "caller_exists", message) from None
        return self.get(name)

    def find(self, name: str) -> Caller | None:
        """The caller called `name`."""
        return self._first(callers.c.name == name)

    def find_by_id(self, caller_id: str) -> Caller | None:
        """The caller with this id (what a token names as its subject)."""
        return self._first(callers.c.id == caller_id)

    def get(self, name_or_id: str) -> Caller:
        """The caller with this id, else the one called so; RequestError 404."""
        if "\0" in name_or_id:  # PostgreSQL does not even look for it
            raise no_such_caller()
        found = self.find_by_id(name_or_id) or self.find(name_or_id)
        if found is None:
            raise no_such_caller()
        return found

    def get_facts(self, caller: Caller) -> CallerFacts:
        """All that is kept about a caller; RequestError 404."""
        [*found] = self.list(only=caller, limit=1)
        if not found:
            raise no_such_caller()
        return found[0]

    def list(
        self, *, only: Caller | None = None, after: str | None = None, limit: int | None = None
    ) -> tuple[CallerFacts, ...]:
        """Callers by their ids, at most `limit`, from the one behind the id `after`."""
        quotas = [callers.c[f"llm_{name}_per_hour"].label(name) for name in MEASURES]
        kept = (callers.c.created_at, callers.c.tokens_valid_from, *quotas)
        statement = select(*CALLER_COLUMNS, *kept).order_by(callers.c.id)
        if only is not None:
            statement = statement.where(callers.c.id == only.id)
        if after is not None:
            statement = statement.where(callers.c.id > after)
        with self._reader.connect() as connection:
            rows = connection.execute(statement.limit(limit)).all()
        return tuple(
            CallerFacts(
                caller_from_row(row),
                row.created_at,
                row.tokens_valid_from,
                {name: getattr(row, name) for name in MEASURES},
            )
            for row in rows
        )

    def change(
        self,
        caller: Caller,
        *,
        rates: Mapping[str, str | None] = NOTHING,
        quotas: Mapping[str, float | None] = NOTHING,
        check: Check = _nothing,
    ) -> None:
        """Give the caller rates (by tier; they were checked) and LLM quotas of its own.

        None is what the settings say; what is not named stays as it is. Nothing is done if `check`
        raises, which looks in the same transaction.
        """
        values = _own_values(rates, quotas)
        if values:
            with self._engine.begin() as connection:
                connection.execute(
                    update(callers).where(callers.c.id == caller.id).values(**values)
                )
                check(connection)

    def _insert(
        self, name: str, own: Mapping[str, object] = NOTHING, check: Check = _nothing
    ) -> None:
        now = self._clock()
        # Tokens may name whom nobody has heard of; those that were made before all were revoked are
        # refused all the same. `local` has stood from the beginning.
        all_revoked_at = (
            select(callers.c.tokens_valid_from)
            .where(callers.c.id == LOCAL)
            .with_for_update(read=True)
            .scalar_subquery()
        )
        row = {
            "id": name if name in {LOCAL, DEFAULT} else new_id("caller", now),
            "name": name,
            "created_at": now,
            **own,
        }
        with self._engine.begin() as connection:
            connection.execute(callers.insert().values(**row, tokens_valid_from=all_revoked_at))
            check(connection)

    def _first(self, condition: Any) -> Caller | None:  # noqa: ANN401 - a column's condition
        with self._reader.connect() as connection:
            row = connection.execute(select(*CALLER_COLUMNS).where(condition)).first()
        return None if row is None else caller_from_row(row)


def _own_values(
    rates: Mapping[str, str | None], quotas: Mapping[str, float | None]
) -> dict[str, object]:
    columns: dict[str, object] = {f"rate_limit_{tier}": own for tier, own in rates.items()}
    return columns | {f"llm_{name}_per_hour": own for name, own in quotas.items()}
