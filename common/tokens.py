"""Tokens whose signature and times are right, and what the database says against them."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, and_, bindparam, delete, exists, not_, or_, select
from sqlalchemy.exc import IntegrityError

from common.callers import CALLER_COLUMNS, Caller, CallerStore, caller_from_row
from common.clock import Clock
from common.db.engine import reading
from common.db.tables import api_keys, callers, revoked_tokens
from common.keys.key import Credential
from common.keys.reader import GOOD_KEYS, credential_from_row
from common.security import TokenClaims

_KEPT_LONGER: Final = timedelta(hours=1)
"""Beyond a token's end: not all clocks that it is held against are equally right."""

_NOT_REVOKED: Final = not_(exists().where(revoked_tokens.c.jti == bindparam("jti")))
_STANDS: Final = and_(
    or_(callers.c.tokens_valid_from.is_(None), callers.c.tokens_valid_from <= bindparam("born_at")),
    _NOT_REVOKED,
)
"""Neither this token was taken back, nor all of its caller's that are as old."""
_FIND_KEY: Final = GOOD_KEYS.where(api_keys.c.id == bindparam("key_id"), _NOT_REVOKED)
"""When all tokens of a caller are revoked, so are all keys: its key says enough of such a token."""
_FIND_SUBJECT: Final = (
    select(*CALLER_COLUMNS, _STANDS.label("stands"))
    .where(or_(callers.c.id == bindparam("subject"), callers.c.name == bindparam("subject")))
    .order_by((callers.c.id == bindparam("subject")).desc())
)


class TokenReader:
    """Tokens as the database knows them; safe to share between threads, not across a fork."""

    def __init__(self, engine: Engine, clock: Clock, callers: CallerStore) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        self._callers = callers

    def find_key(self, claims: TokenClaims) -> Credential | None:
        """The key that a token was made from; None once either of them is refused."""
        named = {"key_id": claims.key_id, "jti": claims.jti}
        with self._reader.connect() as connection:
            row = connection.execute(_FIND_KEY, {**named, "now": self._clock()}).first()
        return None if row is None else credential_from_row(row)

    def ensure_caller(self, claims: TokenClaims) -> Caller | None:
        """The caller whose id, or else whose name, is the token's subject; made if need be.

        None where the token is refused.
        """
        row = self._find_subject(claims)
        if row is None:
            self._callers.ensure(claims.subject)
            row = self._find_subject(claims)
        return caller_from_row(row) if row is not None and row.stands else None

    def belongs_to(self, claims: TokenClaims, caller: Caller) -> bool:
        """Whether the token is this caller's, good or not."""
        row = self._find_subject(claims)
        return row is not None and row.caller_id == caller.id

    def revoke(self, claims: TokenClaims) -> None:
        """Refuse the token from now on; once more does no harm."""
        row = {"jti": claims.jti, "expires_at": claims.expires_at}
        with contextlib.suppress(IntegrityError), self._engine.begin() as connection:
            connection.execute(revoked_tokens.insert(), row)

    def _find_subject(self, claims: TokenClaims) -> Any:  # noqa: ANN401 - a Row, or None
        named = {"subject": claims.subject, "jti": claims.jti, "born_at": claims.born_at}
        with self._reader.connect() as connection:
            return connection.execute(_FIND_SUBJECT, named).first()


def forget_ended(engine: Engine, now: datetime) -> int:
    """Forget the revoked tokens that are refused for their age by now; how many there were."""
    ended = delete(revoked_tokens).where(revoked_tokens.c.expires_at <= now - _KEPT_LONGER)
    with engine.begin() as connection:
        return connection.execute(ended).rowcount
