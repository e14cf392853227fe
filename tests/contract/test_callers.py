"""Callers: made once, found by name and by id, with limits and quotas of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from common.callers import DEFAULT, LOCAL, Caller, CallerStore
from common.errors import RequestError
from common.ids import new_id
from common.keys.store import KeyStore
from common.rates import OwnRates
from common.security import LEEWAY


@pytest.fixture
def callers(engine: Engine, clock: Callable[[], datetime]) -> CallerStore:
    return CallerStore(engine, clock)


class TestCaller:
    def test_is_made_once(self, callers: CallerStore) -> None:
        first = callers.ensure("carol")
        assert callers.ensure("carol") == first
        assert callers.find("carol") == first
        assert callers.find_by_id(first.id) == first
        assert callers.find("dave") is None
        assert callers.find_by_id("caller_x") is None

    def test_is_made_once_by_many(self, callers: CallerStore, race: Any) -> None:
        outcomes = race(*[lambda: callers.ensure("carol")] * 6)
        assert len(set(outcomes)) == 1
        assert isinstance(outcomes[0], Caller)

    def test_well_known_ones_have_well_known_ids(self, callers: CallerStore) -> None:
        for name in (LOCAL, DEFAULT):
            assert callers.ensure(name) == Caller(name, name)

    def test_is_got_by_name_and_by_id(self, callers: CallerStore) -> None:
        carol = callers.create("carol")
        assert callers.get("carol") == callers.get(carol.id) == carol
        for unknown in ("dave", "", "a\0b", new_id("caller", datetime.now().astimezone())):
            with pytest.raises(RequestError) as refused:
                callers.get(unknown)
            assert refused.value.status == 404

    def test_is_not_made_a_second_time(self, callers: CallerStore) -> None:
        callers.create("carol")
        with pytest.raises(RequestError) as refused:
            callers.create("carol")
        assert (refused.value.status, refused.value.code) == (409, "caller_exists")

    def test_of_an_odd_name_is_refused(self, callers: CallerStore) -> None:
        for name in ("", " carol", "a\0b", "a\nb", "x" * 201):
            with pytest.raises(RequestError) as refused:
                callers.create(name)
            assert [fault.pointer for fault in refused.value.faults] == ["/name"]

    def test_is_not_called_like_the_id_of_another(self, callers: CallerStore) -> None:
        carol = callers.create("carol")
        with pytest.raises(RequestError):
            callers.create(carol.id)

    def test_all_are_listed_page_by_page(self, callers: CallerStore) -> None:
        made = [callers.create(f"caller {number}") for number in range(5)]
        first = callers.list(limit=2)
        rest = callers.list(after=first[-1].caller.id)
        assert {facts.caller for facts in (*first, *rest)} >= set(made)
        assert len({facts.caller.id for facts in (*first, *rest)}) == len(first) + len(rest)


class TestOwn:
    def test_rates_come_with_the_caller(self, callers: CallerStore) -> None:
        carol = callers.create("carol")
        assert carol.rates == OwnRates()
        own = OwnRates(generation="20/minute;200/hour")
        callers.change(carol, rates={"generation": own.generation})
        assert callers.get("carol").rates == own
        callers.change(carol, rates={"generation": None})
        assert callers.get("carol") == carol

    def test_quotas_stay_where_they_are_not_named(self, callers: CallerStore) -> None:
        carol, dave = callers.create("carol"), callers.create("dave")
        callers.change(carol, quotas={"calls": 5, "cost_usd": float("inf")})
        callers.change(carol, quotas={"tokens": 7})
        quotas = callers.get_facts(carol).quotas
        assert quotas == {"calls": 5, "tokens": 7, "cost_usd": float("inf")}
        callers.change(carol, quotas={"calls": None})
        assert callers.get_facts(carol).quotas["calls"] is None
        assert set(callers.get_facts(dave).quotas.values()) == {None}


class TestTokens:
    def test_of_whom_nobody_had_heard_when_all_were_revoked(
        self, callers: CallerStore, engine: Engine, clock: Any
    ) -> None:
        callers.ensure(LOCAL)
        before = callers.create("before")
        assert callers.get_facts(before).tokens_valid_from is None
        KeyStore(engine, clock).revoke_all()
        valid_from = clock() + LEEWAY
        clock.step(60)
        for caller in (before, callers.create("after"), callers.ensure("also after")):
            assert callers.get_facts(caller).tokens_valid_from == valid_from

    def test_of_others_stay_when_those_of_one_are_revoked(
        self, callers: CallerStore, engine: Engine, clock: Any
    ) -> None:
        carol, dave = callers.create("carol"), callers.create("dave")
        KeyStore(engine, clock).revoke_all(carol)
        assert callers.get_facts(carol).tokens_valid_from == clock() + LEEWAY
        assert callers.get_facts(dave).tokens_valid_from is None
