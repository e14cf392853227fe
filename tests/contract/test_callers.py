"""Callers and keys: found by what is presented, never readable again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from common.callers import DEFAULT, LOCAL, SCOPES, Caller, CallerStore
from common.errors import RequestError, TransientError


def refuse_updates(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if statement.startswith("UPDATE"):
        raise TransientError("database_unavailable", "locked")


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

    @pytest.mark.parametrize("name", [LOCAL, DEFAULT])
    def test_well_known_ones_have_well_known_ids(self, callers: CallerStore, name: str) -> None:
        assert callers.ensure(name) == Caller(name, name)


class TestKey:
    def test_is_found_by_what_is_presented(self, callers: CallerStore) -> None:
        carol = callers.ensure("carol")
        made = callers.create_key(carol, name="laptop", scopes=["jobs:read", "generate"])
        found = callers.find_by_key(made.secret)
        assert found is not None
        assert (found.caller, found.key_id) == (carol, made.key.id)
        assert found.scopes == {"jobs:read", "generate"}

    def test_almost_right_is_wrong(self, callers: CallerStore) -> None:
        made = callers.create_key(callers.ensure("carol"), name="x", scopes=["generate"])
        secret = made.secret
        for wrong in ("", secret[:8], secret[:-1], secret + "x", secret.upper(), " " + secret):
            assert callers.find_by_key(wrong) is None

    @pytest.mark.parametrize("odd", ["\x00", "é" * 40, "a\x00b", "x" * 10_000, "\ud800"])
    def test_odd_text_is_just_wrong(self, callers: CallerStore, odd: str) -> None:
        assert callers.find_by_key(odd) is None

    def test_is_nowhere_in_the_database(self, callers: CallerStore, engine: Engine) -> None:
        made = callers.create_key(callers.ensure("carol"), name="x", scopes=["generate"])
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT * FROM api_keys")).all()
        assert made.secret[12:] not in repr(rows)
        assert len(made.secret) >= 40

    def test_of_the_same_first_letters_are_told_apart(
        self, callers: CallerStore, engine: Engine
    ) -> None:
        carol = callers.ensure("carol")
        made = [callers.create_key(carol, name=str(n), scopes=["generate"]) for n in range(3)]
        with engine.begin() as connection:
            connection.execute(text("UPDATE api_keys SET prefix = 'same'"))
        assert callers.find_by_key("same") is None
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE api_keys SET prefix = :prefix"), {"prefix": made[1].secret[:8]}
            )
        found = callers.find_by_key(made[1].secret)
        assert found is not None
        assert found.key_id == made[1].key.id

    def test_that_is_revoked_is_worthless_at_once(self, callers: CallerStore, clock: Any) -> None:
        made = callers.create_key(callers.ensure("carol"), name="x", scopes=["generate"])
        assert callers.find_by_key(made.secret)
        assert callers.revoke_key(made.key.id)
        assert callers.find_by_key(made.secret) is None
        assert not callers.revoke_key(made.key.id)
        assert not callers.revoke_key("key_x")
        assert callers.list_keys()[0].revoked_at == clock()

    def test_use_is_written_down_once_a_minute(
        self, callers: CallerStore, clock: Any, counting: Any
    ) -> None:
        made = callers.create_key(callers.ensure("carol"), name="x", scopes=["generate"])
        assert callers.list_keys()[0].last_used_at is None
        callers.find_by_key(made.secret)
        first = clock()
        with counting() as statements:
            clock.step(59)
            callers.find_by_key(made.secret)
        assert len(statements) == 1
        assert callers.list_keys()[0].last_used_at == first
        clock.step(2)
        callers.find_by_key(made.secret)
        assert callers.list_keys()[0].last_used_at == clock()

    def test_is_good_also_while_nobody_can_write(
        self, callers: CallerStore, engine: Engine
    ) -> None:
        made = callers.create_key(callers.ensure("carol"), name="x", scopes=["generate"])

        event.listen(engine, "before_cursor_execute", refuse_updates)
        try:
            assert callers.find_by_key(made.secret) is not None
            assert callers.find_by_key(made.secret) is not None
        finally:
            event.remove(engine, "before_cursor_execute", refuse_updates)
        assert callers.list_keys()[0].last_used_at is None

    def test_with_a_scope_that_there_is_not(self, callers: CallerStore) -> None:
        carol = callers.ensure("carol")
        for scopes in (["generate", "root"], []):
            with pytest.raises(RequestError):
                callers.create_key(carol, name="x", scopes=scopes)
        assert callers.list_keys(carol) == ()


class TestBootstrap:
    def test_makes_the_setting_a_key_with_every_scope(self, callers: CallerStore) -> None:
        callers.bootstrap("k" * 40)
        found = callers.find_by_key("k" * 40)
        assert found is not None
        assert found.caller.id == DEFAULT
        assert found.scopes == SCOPES

    def test_again_changes_nothing(self, callers: CallerStore) -> None:
        callers.bootstrap("k" * 40)
        callers.bootstrap("k" * 40)
        assert len(callers.list_keys()) == 1

    def test_with_another_key_ends_the_one_before(self, callers: CallerStore) -> None:
        callers.bootstrap("k" * 40)
        kept = callers.create_key(callers.ensure(DEFAULT), name="x", scopes=["generate"])
        callers.bootstrap("l" * 40)
        assert callers.find_by_key("k" * 40) is None
        assert callers.find_by_key("l" * 40) is not None
        assert callers.find_by_key(kept.secret) is not None

    def test_back_to_an_earlier_key_makes_it_good_again(self, callers: CallerStore) -> None:
        for key in ("k" * 40, "l" * 40, "k" * 40):
            callers.bootstrap(key)
        assert callers.find_by_key("k" * 40) is not None
        assert callers.find_by_key("l" * 40) is None

    def test_by_many_at_once_leaves_one_key(self, callers: CallerStore, race: Any) -> None:
        outcomes = race(*[lambda: callers.bootstrap("k" * 40)] * 6)
        assert outcomes == [Caller(DEFAULT, DEFAULT)] * 6
        keys = [key for key in callers.list_keys() if key.revoked_at is None]
        assert len(keys) == 1
        assert callers.find_by_key("k" * 40) is not None
