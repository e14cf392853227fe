"""Keys: found by what is presented, never readable again; how they end and are replaced."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event, text

from common.callers import DEFAULT, LOCAL, CallerStore
from common.db import migrations
from common.db.engine import make_engine
from common.errors import RequestError, TransientError
from common.keys.api_key_setting import adopt_setting
from common.keys.key import SCOPES, Credential, Key, KeyState, MadeKey
from common.keys.reader import KeyReader
from common.keys.store import KeyStore
from common.security import TokenClaims
from common.security_events import read_counts
from common.settings import SettingsError
from common.tokens import TokenReader

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = timedelta(0)


def refuse_updates(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if statement.startswith("UPDATE"):
        raise TransientError("database_unavailable", "locked")


class Keys:
    """Both sides of the keys in one database, and what old ones were noted."""

    def __init__(self, engine: Engine, clock: Any) -> None:
        self.engine = engine
        self.clock = clock
        self.old: list[Credential] = []
        self.callers = CallerStore(engine, clock)
        self.store = KeyStore(engine, clock)
        self.find = KeyReader(engine, clock, self.old.append).find_by_key
        self.tokens = TokenReader(engine, clock, self.callers)
        self.carol = self.callers.ensure("carol")

    def find_by_id(self, key_id: str) -> Credential | None:
        """As a token finds the key that it was made from."""
        now = self.clock()
        claims = TokenClaims(self.carol.id, frozenset(), key_id, "jti", now, now)
        return self.tokens.find_key(claims)

    def make(self, **more: Any) -> MadeKey:
        return self.store.create_key(self.carol, **{"name": "k", "scopes": ["generate"]} | more)

    def state(self, key: MadeKey | Key) -> KeyState:
        key_id = key.key.id if isinstance(key, MadeKey) else key.id
        return self.store.get_key(key_id).state(self.clock())

    def start(self, api_key: str) -> Key:
        """What the API does when it starts."""
        return adopt_setting(self.engine, self.clock, self.callers.ensure(DEFAULT), api_key)

    def counts(self) -> dict[str, int]:
        return read_counts(self.engine) or {}


@pytest.fixture
def keys(tmp_path: Path, migrated_file: Path, clock: Callable[[], datetime]) -> Iterator[Keys]:
    """On SQLite."""
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    yield Keys(engine, clock)
    engine.dispose()


@pytest.fixture
def stored_keys(engine: Engine, clock: Callable[[], datetime]) -> Keys:
    """On each database: where much is left to it, and where several do it at once."""
    return Keys(engine, clock)


def refusal(step: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(RequestError) as refused:
        step()
    return refused.value.status, refused.value.code


class TestKey:
    def test_is_found_by_what_is_presented(self, stored_keys: Keys) -> None:
        keys = stored_keys
        made = keys.make(scopes=["jobs:read", "generate"])
        found = keys.find(made.secret)
        assert found == Credential(keys.carol, made.key.id, frozenset({"jobs:read", "generate"}))
        assert keys.find_by_id(made.key.id) == found

    def test_almost_right_is_wrong(self, keys: Keys) -> None:
        secret = keys.make().secret
        for wrong in ("", secret[:8], secret[:12], secret[:-1], secret + "x", secret.upper()):
            assert keys.find(wrong) is None

    def test_odd_text_is_just_wrong(self, stored_keys: Keys) -> None:
        for odd in ("\x00", "é" * 40, "a\x00b", "x" * 10_000, "\ud800"):
            assert stored_keys.find(odd) is None

    def test_is_nowhere_in_the_database(self, keys: Keys) -> None:
        made = keys.make()
        with keys.engine.connect() as connection:
            rows = connection.execute(text("SELECT * FROM api_keys")).all()
        hidden = made.secret.removeprefix(made.key.prefix)
        assert hidden not in repr(rows)
        assert len(hidden) * 6 > 256  # bits

    def test_of_the_same_first_letters_are_told_apart(self, keys: Keys) -> None:
        made = [keys.make(name=str(number)) for number in range(3)]
        with keys.engine.begin() as connection:
            connection.execute(text("UPDATE api_keys SET prefix = 'same'"))
        assert keys.find("same") is None
        with keys.engine.begin() as connection:
            connection.execute(
                text("UPDATE api_keys SET prefix = :prefix"), {"prefix": made[1].key.prefix}
            )
        found = keys.find(made[1].secret)
        assert found is not None
        assert found.key_id == made[1].key.id

    def test_that_was_made_with_a_shorter_prefix_is_still_good(self, keys: Keys) -> None:
        made = keys.make()
        with keys.engine.begin() as connection:
            connection.execute(text("UPDATE api_keys SET prefix = substr(prefix, 1, 8)"))
        assert keys.find(made.secret) is not None

    def test_use_is_written_down_once_a_minute(self, stored_keys: Keys, counting: Any) -> None:
        keys = stored_keys
        made = keys.make()

        def last_used_at() -> datetime | None:
            return keys.store.get_key(made.key.id).last_used_at

        assert last_used_at() is None
        keys.find(made.secret)
        first = keys.clock()
        with counting() as statements:
            keys.clock.step(59)
            keys.find(made.secret)
        assert len(statements) == 1
        assert last_used_at() == first
        keys.clock.step(2)
        keys.find(made.secret)
        assert last_used_at() == keys.clock()

    def test_is_good_also_while_nobody_can_write(self, keys: Keys) -> None:
        made = keys.make()
        event.listen(keys.engine, "before_cursor_execute", refuse_updates)
        try:
            assert keys.find(made.secret) is not None
            assert keys.find(made.secret) is not None
        finally:
            event.remove(keys.engine, "before_cursor_execute", refuse_updates)
        assert keys.store.get_key(made.key.id).last_used_at is None

    def test_with_what_there_is_not(self, keys: Keys) -> None:
        for scopes in (["generate", "root"], []):
            assert refusal(lambda s=scopes: keys.make(scopes=s)) == (422, "unknown_scope")
        assert refusal(lambda: keys.make(name="")) == (422, "invalid_name")
        assert refusal(lambda: keys.make(expires_at=keys.clock())) == (422, "already_over")
        assert keys.store.list_keys(keys.carol) == ()

    def test_is_listed_page_by_page_for_one_or_for_all(self, keys: Keys) -> None:
        mine = []
        for number in range(3):
            mine.append(keys.make(name=str(number)).key)
            keys.clock.step(1)
        other = keys.store.create_key(keys.callers.ensure("dave"), name="d", scopes=["generate"])
        assert keys.store.list_keys(keys.carol) == tuple(mine)
        first = keys.store.list_keys(limit=2)
        assert first + keys.store.list_keys(after=first[-1].id) == (*mine, other.key)

    def test_brings_the_rates_of_its_caller_without_asking_again(
        self, stored_keys: Keys, counting: Any
    ) -> None:
        keys = stored_keys
        made = keys.make()
        keys.find(made.secret)
        keys.callers.change(keys.carol, rates={"generation": "1/minute"})
        with counting() as statements:
            found = keys.find(made.secret)
        assert found is not None
        assert found.caller.rates.generation == "1/minute"
        assert len(statements) == 1


class TestEnd:
    def test_of_a_key_comes_by_itself(self, stored_keys: Keys) -> None:
        keys = stored_keys
        made = keys.make(expires_at=keys.clock() + HOUR)
        found = keys.find(made.secret)
        assert found is not None
        assert found.expires_at == keys.clock() + HOUR
        assert keys.state(made) is KeyState.ENDS
        keys.clock.step(3600)
        assert keys.find(made.secret) is None
        assert keys.find_by_id(made.key.id) is None
        assert keys.state(made) is KeyState.EXPIRED

    def test_of_a_revoked_key_is_at_once(self, stored_keys: Keys) -> None:
        keys = stored_keys
        made = keys.make()
        assert keys.find(made.secret)
        assert keys.store.revoke_key(made.key.id)
        assert keys.find(made.secret) is None
        assert keys.find_by_id(made.key.id) is None
        assert keys.state(made) is KeyState.REVOKED
        assert keys.store.get_key(made.key.id).revoked_at == keys.clock()
        assert not keys.store.revoke_key(made.key.id)
        assert refusal(lambda: keys.store.revoke_key("key_x")) == (404, "key_not_found")
        assert refusal(lambda: keys.store.revoke_key("a\0b")) == (404, "key_not_found")

    def test_of_all_keys_of_one_caller_or_of_everybody(self, stored_keys: Keys) -> None:
        keys = stored_keys
        mine, gone = keys.make(), keys.make()
        keys.store.revoke_key(gone.key.id)
        other = keys.store.create_key(keys.callers.ensure("dave"), name="d", scopes=["generate"])
        assert keys.store.revoke_all(keys.carol) == 1
        assert keys.find(mine.secret) is None
        assert keys.find(other.secret)
        assert keys.store.revoke_all() == 1
        assert keys.find(other.secret) is None


class TestKeysThatAKeyMade:
    """Whoever has stolen a key makes others with it."""

    def test_are_found_and_end_with_it(self, stored_keys: Keys) -> None:
        keys = stored_keys
        stolen, other = keys.make(), keys.make()
        first = keys.make(by=stolen.key.id)
        second = keys.store.rotate_key(first.key.id, overlap=DAY, by=stolen.key.id)
        third = keys.make(by=second.key.id)
        of_others = keys.make(by=other.key.id)
        made = {one.key.id for one in (first, second, third)}
        assert {key.id for key in keys.store.find_made_by(stolen.key.id)} == made
        ended = keys.store.revoke_key(stolen.key.id, and_made=True)
        assert {key.id for key in ended} == {stolen.key.id, *made}
        for one in (stolen, first, second, third):
            assert keys.find(one.secret) is None
        for one in (other, of_others):
            assert keys.find(one.secret)
        assert keys.store.revoke_key(stolen.key.id, and_made=True) == ()

    def test_are_left_where_nobody_wants_them_ended(self, keys: Keys) -> None:
        doer = keys.make()
        made = keys.make(by=doer.key.id)
        assert [key.id for key in keys.store.revoke_key(doer.key.id)] == [doer.key.id]
        assert keys.find(made.secret)
        assert keys.store.revoke_key(doer.key.id, and_made=True)[0].id == made.key.id

    def test_while_it_is_revoked_are_none_or_end_too(self, stored_keys: Keys, race: Any) -> None:
        keys = stored_keys
        doer = keys.make()
        race(
            *[lambda: keys.make(by=doer.key.id)] * 3,
            partial(keys.store.revoke_key, doer.key.id, and_made=True),
        )
        left = [key for key in keys.store.list_keys() if key.is_good(keys.clock())]
        assert left == []


class TestRotation:
    def test_leaves_both_keys_good_for_a_while(self, stored_keys: Keys) -> None:
        keys = stored_keys
        old = keys.make(name="ci", scopes=["jobs:read", "validate"])
        new = keys.store.rotate_key(old.key.id, overlap=DAY)
        assert (new.key.caller, new.key.name, new.key.scopes) == (
            keys.carol,
            "ci",
            ("jobs:read", "validate"),
        )
        ending = keys.store.get_key(old.key.id)
        assert (ending.replaced_by, ending.expires_at) == (new.key.id, keys.clock() + DAY)
        assert keys.find(old.secret)
        assert keys.find(new.secret)
        keys.clock.step(DAY.total_seconds())
        assert keys.find(old.secret) is None
        assert keys.find_by_id(old.key.id) is None
        assert keys.state(old) is KeyState.REPLACED
        assert keys.find(new.secret)

    def test_without_overlap_is_at_once(self, keys: Keys) -> None:
        old = keys.make()
        new = keys.store.rotate_key(old.key.id, overlap=NOW)
        assert keys.find(old.secret) is None
        assert keys.find(new.secret)

    def test_neither_lengthens_the_old_key_nor_shortens_the_new_one(self, keys: Keys) -> None:
        old = keys.make(expires_at=keys.clock() + HOUR)
        new = keys.store.rotate_key(old.key.id, overlap=DAY)
        assert keys.store.get_key(old.key.id).expires_at == keys.clock() + HOUR
        assert new.key.expires_at is None, "the command line may"
        ending = keys.store.rotate_key(new.key.id, overlap=NOW, expires_at=keys.clock() + DAY)
        assert ending.key.expires_at == keys.clock() + DAY

    def test_is_of_a_good_key_that_was_not_rotated_before(self, keys: Keys) -> None:
        old, gone, over = keys.make(), keys.make(), keys.make(expires_at=keys.clock() + HOUR)
        keys.clock.step(3600)
        keys.store.revoke_key(gone.key.id)
        keys.store.rotate_key(old.key.id, overlap=DAY)
        for key, answer in (
            (old.key.id, (409, "key_replaced")),
            (gone.key.id, (409, "key_not_good")),
            (over.key.id, (409, "key_not_good")),
            ("key_x", (404, "key_not_found")),
        ):
            assert refusal(lambda k=key: keys.store.rotate_key(k, overlap=DAY)) == answer

    def test_by_many_at_once_makes_one_key(self, stored_keys: Keys, race: Any) -> None:
        keys = stored_keys
        old = keys.make()
        outcomes = race(*[lambda: keys.store.rotate_key(old.key.id, overlap=DAY)] * 4)
        assert sum(isinstance(outcome, MadeKey) for outcome in outcomes) == 1
        assert len(keys.store.list_keys(keys.carol)) == 2

    def test_does_not_keep_a_revoked_key_good(self, keys: Keys) -> None:
        old = keys.make()
        keys.store.rotate_key(old.key.id, overlap=DAY)
        assert keys.store.revoke_key(old.key.id)
        assert keys.find(old.secret) is None
        assert keys.state(old) is KeyState.REVOKED


class TestAge:
    def test_of_ninety_days_is_noted_once_a_day(self, keys: Keys) -> None:
        made, other = keys.make(), keys.make()
        keys.clock.step((90 * DAY).total_seconds())
        keys.find(made.secret)
        assert keys.old == []
        assert not keys.store.get_key(made.key.id).is_old(keys.clock())
        keys.clock.step(1)
        for _ in range(3):
            keys.find(made.secret)
        assert [credential.key_id for credential in keys.old] == [made.key.id]
        assert keys.store.get_key(made.key.id).is_old(keys.clock())
        keys.find(other.secret)
        keys.clock.step(DAY.total_seconds() + 1)
        keys.find(made.secret)
        assert [each.key_id for each in keys.old] == [made.key.id, other.key.id, made.key.id]

    def test_is_no_matter_once_a_key_is_rotated_or_gone(self, keys: Keys) -> None:
        rotated, gone = keys.make(), keys.make()
        keys.clock.step((91 * DAY).total_seconds())
        keys.store.rotate_key(rotated.key.id, overlap=DAY)
        keys.store.revoke_key(gone.key.id)
        for key in (rotated, gone):
            assert not keys.store.get_key(key.key.id).is_old(keys.clock())


class TestRecords:
    def test_are_made_of_what_happens_to_keys(self, stored_keys: Keys, caplog: Any) -> None:
        keys = stored_keys
        made = keys.make()
        new = keys.store.rotate_key(made.key.id, overlap=NOW, by=keys.make().key.id)
        keys.store.revoke_key(new.key.id)
        keys.store.revoke_key(new.key.id)
        assert keys.counts() == {"key.made": 2, "key.rotated": 1, "key.revoked": 1}
        lines = [vars(line) for line in caplog.records if line.name == "backbone.security"]
        assert {line["msg"] for line in lines} == {"key.made", "key.rotated", "key.revoked"}
        assert {line["by"][:4] for line in lines} == {"the ", "key_"}
        assert made.secret not in str(lines)
        assert new.secret not in str(lines)

    def test_are_not_made_of_what_did_not_happen(self, keys: Keys) -> None:
        for step in (
            lambda: keys.make(scopes=["root"]),
            lambda: keys.store.revoke_key("key_x"),
            lambda: keys.store.rotate_key("key_x", overlap=DAY),
        ):
            refusal(step)
        assert keys.counts() == {}


class TestDoer:
    def test_whose_key_has_ended_makes_no_key(self, keys: Keys) -> None:
        doer, other = keys.make(scopes=["admin"]), keys.make()
        keys.store.revoke_key(doer.key.id)
        for step in (
            lambda: keys.make(by=doer.key.id),
            lambda: keys.store.rotate_key(other.key.id, overlap=DAY, by=doer.key.id),
        ):
            assert refusal(step) == (401, "unauthorized")
        assert len(keys.store.list_keys()) == 2

    def test_leaves_no_key_behind_when_all_are_revoked_meanwhile(
        self, stored_keys: Keys, race: Any
    ) -> None:
        keys = stored_keys
        doer = keys.make(scopes=["admin"])
        race(
            *[lambda: keys.make(by=doer.key.id)] * 3,
            lambda: keys.store.rotate_key(doer.key.id, overlap=DAY, by=doer.key.id),
            keys.store.revoke_all,
        )
        assert {key.state(keys.clock()) for key in keys.store.list_keys()} == {KeyState.REVOKED}

    def test_that_was_rotated_makes_no_key_while_the_overlap_lasts(self, keys: Keys) -> None:
        doer, other = keys.make(scopes=["admin"]), keys.make()
        keys.store.rotate_key(doer.key.id, overlap=DAY, by=doer.key.id)
        for step in (
            lambda: keys.make(by=doer.key.id),
            lambda: keys.store.rotate_key(other.key.id, overlap=DAY, by=doer.key.id),
        ):
            assert refusal(step) == (403, "key_replaced")

    def test_does_not_lengthen_the_life_of_a_key_by_rotating_it(self, keys: Keys) -> None:
        end = keys.clock() + HOUR
        for wanted, found in (
            (None, end),
            (end + DAY, end),
            (end - HOUR / 2, end - HOUR / 2),
        ):
            key_id = keys.make(scopes=["admin"], expires_at=end).key.id
            new = keys.store.rotate_key(key_id, overlap=NOW, expires_at=wanted, by=key_id)
            assert new.key.expires_at == found

    def test_with_every_right_makes_none_that_outlives_it(self, keys: Keys) -> None:
        end = keys.clock() + HOUR
        doer = keys.make(scopes=["admin"], expires_at=end).key.id
        endless = keys.make(scopes=["jobs:read", "admin"]).key.id
        made = [
            keys.make(scopes=["admin", "generate"], by=doer),
            keys.make(scopes=["admin"], expires_at=end + DAY, by=doer),
            keys.store.rotate_key(endless, overlap=DAY, by=doer),
        ]
        assert [each.key.expires_at for each in made] == [end] * 3
        sooner = keys.make(scopes=["admin"], expires_at=end - HOUR / 2, by=doer)
        assert sooner.key.expires_at == end - HOUR / 2
        usual = keys.make(scopes=["generate"], by=doer)
        assert usual.key.expires_at is None


class TestInterleaved:
    """What another process does in the middle of a transaction waits for its end."""

    @staticmethod
    def run(
        engine: Engine, before: str, step: Callable[[], object], main: Callable[[], object]
    ) -> bool:
        """Run `main`, and `step` just before its statement that begins so; whether it waited."""
        waited: list[bool] = []
        other = threading.Thread(target=step)

        def meanwhile(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith(before) and not waited:
                waited.append(True)
                other.start()
                other.join(0.3)  # a step that waits for `main` does not end before it
                waited[0] = other.is_alive()

        event.listen(engine, "before_cursor_execute", meanwhile)
        try:
            main()
        finally:
            event.remove(engine, "before_cursor_execute", meanwhile)
        other.join()
        return waited == [True]

    @pytest.fixture
    def there(self, stored_keys: Keys, new_engine: Callable[[], Engine]) -> Keys:
        """Another process."""
        return Keys(new_engine(), stored_keys.clock)

    def test_revoking_the_doers_key_waits_until_the_new_one_is_made(
        self, stored_keys: Keys, there: Keys
    ) -> None:
        here = stored_keys
        bob = here.callers.create("bob")
        for everything in (False, True):
            doer = here.make(scopes=["admin"]).key.id
            revoke = partial(there.store.revoke_key, doer)
            revoke_all = partial(there.store.revoke_all, there.carol)
            make = partial(here.store.create_key, bob, name="b", scopes=["admin"], by=doer)
            step = revoke_all if everything else revoke
            assert self.run(here.engine, "INSERT INTO api_keys", step, make)
            assert not here.store.get_key(doer).is_good(here.clock())
            assert refusal(partial(here.make, by=doer)) == (401, "unauthorized")

    def test_a_caller_that_is_made_while_all_is_revoked_is_none_of_before(
        self, stored_keys: Keys, there: Keys
    ) -> None:
        stored_keys.callers.ensure(LOCAL)
        for table in ("api_keys", "callers"):
            assert self.run(
                stored_keys.engine,
                f"UPDATE {table}" if table == "callers" else "SELECT api_keys",
                partial(there.callers.create, f"late for {table}"),
                stored_keys.store.revoke_all,
            )
            late = stored_keys.callers.get(f"late for {table}")
            assert stored_keys.callers.get_facts(late).tokens_valid_from is not None

    def test_a_key_that_is_revoked_while_it_is_rotated_stays_revoked(
        self, stored_keys: Keys, there: Keys
    ) -> None:
        old = stored_keys.make()
        assert self.run(
            stored_keys.engine,
            "INSERT INTO api_keys",
            lambda: there.store.revoke_key(old.key.id),
            lambda: stored_keys.store.rotate_key(old.key.id, overlap=DAY),
        )
        assert stored_keys.state(old) is KeyState.REVOKED


class TestSetting:
    def test_is_a_key_with_every_scope(self, keys: Keys) -> None:
        key = keys.start("k" * 40)
        found = keys.find("k" * 40)
        assert found is not None
        assert (found.caller.id, found.key_id, found.scopes) == (DEFAULT, key.id, SCOPES)

    def test_again_changes_nothing(self, keys: Keys) -> None:
        assert keys.start("k" * 40) == keys.start("k" * 40)
        assert len(keys.store.list_keys()) == 1

    def test_of_another_value_ends_the_one_before(self, keys: Keys) -> None:
        first = keys.start("k" * 40)
        kept = keys.make()
        second = keys.start("l" * 40)
        assert keys.find("k" * 40) is None
        assert keys.find("l" * 40) is not None
        assert keys.find(kept.secret) is not None
        assert keys.store.get_key(first.id).replaced_by == second.id
        assert keys.state(first) is KeyState.REPLACED

    def test_back_to_an_earlier_value_makes_it_good_again(self, stored_keys: Keys) -> None:
        keys = stored_keys
        for api_key in ("k" * 40, "l" * 40, "k" * 40, "l" * 40):
            assert keys.start(api_key).is_good(keys.clock())
        assert keys.find("l" * 40) is not None
        assert keys.find("k" * 40) is None

    def test_by_many_at_once_leaves_one_key(self, stored_keys: Keys, race: Any) -> None:
        keys = stored_keys
        outcomes = race(*[lambda: keys.start("k" * 40)] * 6)
        assert len(set(outcomes)) == 1
        assert len(keys.store.list_keys()) == 1
        assert keys.find("k" * 40) is not None

    def test_that_was_revoked_stays_so(self, keys: Keys) -> None:
        key = keys.start("k" * 40)
        keys.store.revoke_key(key.id)
        assert keys.start("k" * 40).state(keys.clock()) is KeyState.REVOKED
        keys.start("l" * 40)
        assert keys.start("k" * 40).state(keys.clock()) is KeyState.REVOKED
        assert keys.find("k" * 40) is None
        assert keys.find("l" * 40) is None, "it is not the setting any more"
        assert keys.start("l" * 40).is_good(keys.clock())

    def test_that_was_rotated_stays_so_once_the_overlap_is_over(self, stored_keys: Keys) -> None:
        keys = stored_keys
        key = keys.start("k" * 40)
        new = keys.store.rotate_key(key.id, overlap=HOUR)
        assert keys.start("k" * 40).is_good(keys.clock())
        keys.clock.step(3600)
        assert keys.start("k" * 40).state(keys.clock()) is KeyState.REPLACED
        keys.start("l" * 40)
        assert not keys.start("k" * 40).is_good(keys.clock())
        assert keys.find(new.secret) is not None

    def test_that_was_revoked_with_all_others_stays_so(self, keys: Keys) -> None:
        keys.start("k" * 40)
        keys.start("l" * 40)
        keys.store.revoke_all()
        for api_key in ("k" * 40, "l" * 40):
            assert not keys.start(api_key).is_good(keys.clock())
            assert keys.find(api_key) is None

    def test_that_was_replaced_and_then_revoked_stays_so(self, keys: Keys) -> None:
        first = keys.start("k" * 40)
        keys.start("l" * 40)
        assert keys.store.revoke_key(first.id)
        assert not keys.start("k" * 40).is_good(keys.clock())
        assert keys.find("k" * 40) is None

    def test_is_no_made_key(self, keys: Keys) -> None:
        made = keys.make()
        with pytest.raises(SettingsError, match=f"API_KEY: is the key {made.key.id} of .* carol"):
            keys.start(made.secret)
        assert len(keys.store.list_keys()) == 1
        keys.store.revoke_key(made.key.id)
        assert not keys.start(made.secret).is_good(keys.clock())
        assert keys.find(made.secret) is None

    def test_is_found_in_whatever_state(self, keys: Keys) -> None:
        key = keys.start("k" * 40)
        keys.store.revoke_key(key.id)
        found = keys.store.find_latest("k" * 40)
        assert found is not None
        assert found.id == key.id
        assert keys.store.find_latest("l" * 40) is None


class TestMigrations:
    """From a version that knew no ends, and back to it."""

    @staticmethod
    def go(engine: Engine, step: Callable[[Config, str], None], revision: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            step(config, revision)

    def test_make_no_key_good_again(self, stored_keys: Keys) -> None:
        keys = stored_keys
        rotated, ending, good = keys.make(), keys.make(expires_at=keys.clock() + HOUR), keys.make()
        keys.store.rotate_key(rotated.key.id, overlap=NOW)
        self.go(keys.engine, command.downgrade, "0005")
        with keys.engine.begin() as connection:
            rows = connection.execute(text("SELECT id, revoked_at FROM api_keys")).all()
        revoked = {row.id: row.revoked_at is not None for row in rows}
        assert revoked[rotated.key.id]
        assert revoked[ending.key.id]
        assert not revoked[good.key.id]
        self.go(keys.engine, command.upgrade, "head")
        assert keys.state(ending) is KeyState.REVOKED
        assert keys.find(good.secret) is not None

    def test_do_not_forget_that_the_setting_was_revoked(self, stored_keys: Keys) -> None:
        keys = stored_keys
        for api_key in ("k" * 40, "l" * 40):
            keys.store.revoke_key(keys.start(api_key).id)
            keys.clock.step(1)
        keys.start("m" * 40)
        self.go(keys.engine, command.downgrade, "0005")
        self.go(keys.engine, command.upgrade, "head")
        for api_key in ("k" * 40, "l" * 40):
            assert not keys.start(api_key).is_good(keys.clock())
            assert keys.find(api_key) is None

    def test_know_that_an_earlier_value_of_the_setting_was_replaced(
        self, stored_keys: Keys
    ) -> None:
        keys = stored_keys
        for api_key in ("k" * 40, "l" * 40):
            first = keys.start(api_key)
            keys.clock.step(1)
        self.go(keys.engine, command.downgrade, "0005")
        self.go(keys.engine, command.upgrade, "head")
        assert keys.start("k" * 40).is_good(keys.clock())
        assert keys.find("l" * 40) is None
        assert keys.state(first) is KeyState.REPLACED
