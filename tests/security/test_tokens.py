"""Forged, twisted, stolen and outlived tokens: none is taken, and what is taken back stays so."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jose import jwe, jwt
from pydantic import SecretStr
from sqlalchemy import Engine, event, func, select

from common.callers import CallerStore
from common.db.tables import revoked_tokens
from common.keys.store import KeyStore
from common.safe_settings import refuse_unsafe
from common.security import (
    AUDIENCE,
    ISSUER,
    LONGEST_LIFETIME,
    LONGEST_TOKEN,
    TokenClaims,
    TokenError,
    TokenSigner,
    create_access_token,
    read_access_token,
)
from common.settings import Settings, SettingsError
from common.tokens import TokenReader, forget_ended
from tests.contract.conftest import JWT_SECRET, MountedApi, SteppingClock

JOBS = "/api/v1/jobs"
MAKE = "/api/v1/auth/token"
REVOKE = "/api/v1/auth/revoke"
NEW_SECRET = "the-secret-that-came-after-the-first-one"
OTHER_SECRET = "a-secret-that-this-platform-never-had-ever"
HIGH = {"rate_limit_public": "100000/minute", "rate_limit_authenticated": "100000/minute"}
CLAIMS = ("exp", "sub", "iat", "jti", "aud", "iss")


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def sign(claims: object, header: object, secret: str | bytes, digest: str = "sha256") -> str:
    """A token made by hand: no library would make some of these."""
    body = f"{part(header)}.{part(claims)}"
    key = secret if isinstance(secret, bytes) else secret.encode()
    return f"{body}.{part(hmac.digest(key, body.encode(), digest))}"


class Forge:
    """Makes tokens of all kinds, and says which are taken."""

    def __init__(self, clock: SteppingClock, algorithm: str = "HS256") -> None:
        self.clock = clock
        self.signer = TokenSigner(JWT_SECRET, algorithm)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        good = {
            "sub": "default",
            "scopes": ["jobs:read"],
            "iat": now,
            "exp": now + 60,
            "jti": "the-token-of-a-test",
            "aud": AUDIENCE,
            "iss": ISSUER,
        }
        return good | changes

    def token(
        self,
        claims: object = None,
        header: object = None,
        secret: str | bytes = JWT_SECRET,
        digest: str = "sha256",
    ) -> str:
        """A good one, but for what is given."""
        claims = self.claims() if claims is None else claims
        header = {"alg": "HS256", "typ": "JWT"} if header is None else header
        return sign(claims, header, secret, digest)

    def accepts(self, token: str) -> bool:
        try:
            read_access_token(token, signer=self.signer, now=self.clock())
        except TokenError:
            return False
        return True

    def accepted(self, *tokens: str) -> list[str]:
        """Those that are taken: best none of them."""
        assert self.accepts(self.token())  # so what is refused is refused for what it says
        return [token for token in tokens if self.accepts(token)]


@pytest.fixture
def forge(clock: SteppingClock) -> Forge:
    return Forge(clock)


class Shown(Forge):
    """Shows tokens to the API."""

    def __init__(self, api: MountedApi) -> None:
        super().__init__(api.clock, api.settings.jwt_algorithm)
        self.api = api

    async def show(self, token: str) -> httpx.Response:
        return await self.api.get(JOBS, headers={"Authorization": f"Bearer {token}"})

    async def assert_accepted(self, *tokens: str) -> None:
        for token in tokens:
            answer = await self.show(token)
            assert answer.status_code == 200, answer.text

    async def assert_refused(self, *tokens: str) -> None:
        for token in tokens:
            answer = await self.show(token)
            assert answer.status_code == 401, (token, answer.text)
            assert answer.json()["detail"] == "The credential is not valid."
            assert token not in answer.text


@pytest.fixture
async def shown(start_api: Any) -> Shown:
    return Shown(await start_api(**HIGH))


@pytest.fixture(scope="module")
def key_pairs() -> dict[str, tuple[bytes, bytes]]:
    """By algorithm, a private key and its public half, in PEM."""
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ec_key = ec.generate_private_key(ec.SECP256R1())
    return {
        name: (
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        )
        for name, key in (("RS256", rsa_key), ("ES256", ec_key))
    }


# The algorithm


def test_no_algorithm_in_any_spelling_is_refused(forge: Forge) -> None:
    for algorithm in ("none", "None", "NONE", "nOnE", "none ", "", None, 0, [], ["HS256"], "hs256"):
        header = {"alg": algorithm, "typ": "JWT"}
        signed = forge.token(header=header)  # with the real secret, even
        body = signed.rpartition(".")[0]
        assert not forge.accepted(signed, f"{body}.", f"{body}.x", body)
    assert not forge.accepted(forge.token(header={"typ": "JWT"}))


def test_a_public_key_is_not_taken_for_a_secret(forge: Forge, key_pairs: Any) -> None:
    for algorithm, (private, public) in key_pairs.items():
        truly = jwt.encode(forge.claims(), private.decode(), algorithm)
        assert not forge.accepted(
            truly,
            forge.token(secret=public),
            forge.token(header={"alg": algorithm, "typ": "JWT"}),
            forge.token(header={"alg": algorithm, "typ": "JWT"}, secret=public),
        )


@pytest.mark.parametrize("name", ["jwt_secret_key", "jwt_secret_key_previous"])
def test_half_of_a_key_pair_is_no_secret_to_start_with(key_pairs: Any, name: str) -> None:
    ssh = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Zq0mQn1 somebody"
    for half in (*key_pairs["RS256"], *key_pairs["ES256"], ssh):
        secret = SecretStr(half.decode().strip())
        with pytest.raises(SettingsError, match=f"{name.upper()}: is half of a key pair"):
            refuse_unsafe(Settings(_env_file=None, **{name: secret}))


@pytest.mark.parametrize(("pinned", "other"), [("HS256", "HS512"), ("HS512", "HS256")])
def test_another_algorithm_than_the_pinned_one_is_refused(
    clock: SteppingClock, pinned: str, other: str
) -> None:
    forge = Forge(clock, pinned)
    digests = {"HS256": "sha256", "HS512": "sha512"}
    assert forge.accepts(forge.token(header={"alg": pinned}, digest=digests[pinned]))
    for twisted in (
        forge.token(header={"alg": other}, digest=digests[other]),
        forge.token(header={"alg": other}, digest=digests[pinned]),
        forge.token(header={"alg": pinned}, digest=digests[other]),
        forge.token(header={"alg": "HS384"}, digest="sha384"),
    ):
        assert not forge.accepts(twisted)


def test_a_secret_that_reads_like_keys_in_json_is_only_text(forge: Forge) -> None:
    inner = "a-key-that-a-library-finds-inside-the-secret"
    forge.signer = TokenSigner(json.dumps([inner, "and another one"]), "HS256")
    assert forge.accepts(forge.token(secret=forge.signer.secret))
    assert not forge.accepts(forge.token(secret=inner))


# The header


def test_kid_chooses_no_key(forge: Forge) -> None:
    nothing = {"../../../../dev/null": "", "/dev/null": "", "file:///dev/null": ""}
    sql = {"x' UNION SELECT 'known' --": "known", "x'; DROP TABLE api_keys; --": "x"}
    for kid, secret in (nothing | sql).items():
        header = {"alg": "HS256", "typ": "JWT", "kid": kid}
        assert not forge.accepted(forge.token(header=header, secret=secret))
        assert forge.accepts(forge.token(header=header))  # it is not even looked at


def test_a_key_or_a_place_of_one_in_the_header_is_refused(forge: Forge) -> None:
    own = {"kty": "oct", "k": part(OTHER_SECRET.encode())}
    for more in (
        {"jwk": own},
        {"jku": "http://127.0.0.1:1/keys.json"},
        {"x5u": "http://127.0.0.1:1/certificate.pem"},
        {"x5c": [part(b"certificate")]},
    ):
        header = {"alg": "HS256", "typ": "JWT", **more}
        assert not forge.accepted(
            forge.token(header=header, secret=OTHER_SECRET), forge.token(header=header)
        )


def test_what_a_header_calls_critical_is_refused(forge: Forge) -> None:
    for more in ({"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": False}, {"zip": "DEF"}):
        assert not forge.accepted(forge.token(header={"alg": "HS256", "typ": "JWT", **more}))


def test_a_header_that_is_no_object_or_says_things_twice_is_refused(forge: Forge) -> None:
    for header in (
        [],
        "HS256",
        b"",
        b"{",
        b"\xff",
        b'{"alg":"none","alg":"HS256"}',
        b'{"alg":"HS256","alg":"none"}',
        b"null",
        b"[" * 900,
        {"alg": "HS256", "typ": "JWE"},
    ):
        assert not forge.accepted(forge.token(header=header))


# The form


def test_an_encrypted_token_is_not_even_unpacked(forge: Forge) -> None:
    key = os.urandom(32)
    packed = jwe.encrypt(b"0" * 3_000_000, key, encryption="A256GCM", algorithm="dir", zip="DEF")
    bomb = packed.decode()
    assert bomb.count(".") == 4
    assert len(bomb) < 6_000  # of three megabytes
    small = jwe.encrypt(b"0" * 100_000, key, encryption="A256GCM", algorithm="dir", zip="DEF")
    assert not forge.accepted(bomb, small.decode())
    with pytest.raises(TokenError):
        read_access_token(bomb, signer=forge.signer, now=forge.clock())


def test_a_huge_token_is_refused(forge: Forge) -> None:
    def padded(length: int) -> str:
        return forge.token(forge.claims(padding="x" * length))

    fitting = padded(2500)
    assert len(fitting) < LONGEST_TOKEN
    assert forge.accepts(fitting)
    assert not forge.accepted(padded(3000), padded(60_000))
    with pytest.raises(TokenError):
        read_access_token(padded(3000), signer=forge.signer, now=forge.clock())


def test_without_its_signature_a_token_is_refused(forge: Forge) -> None:
    header, claims, signature = forge.token().split(".")
    other = forge.token(forge.claims(sub="somebody", scopes=["admin"])).split(".")
    assert not forge.accepted(
        f"{header}.{claims}",
        f"{header}.{claims}.",
        f"{header}.{claims}.{signature[:-4]}",
        f"{header}.{claims}.{signature}AAAA",
        f"{header}.{other[1]}.{signature}",
        f"{other[0]}.{claims}.{other[2]}",
        f"{header}.{claims}.{part(b'0' * 32)}",
        f"{header}..{signature}",
        f".{claims}.{signature}",
        "..",
        forge.token(secret=OTHER_SECRET),
        forge.token(secret=""),
    )


def test_characters_beyond_those_of_a_token_are_not_skipped(forge: Forge) -> None:
    good = forge.token()
    header, claims, signature = good.split(".")
    for blank in (" ", "\t", "=", "!", "%0a", "+", "/"):
        assert not forge.accepted(
            f"{header}.{claims[:5]}{blank}{claims[5:]}.{signature}",
            f"{header}.{claims}.{signature}{blank}x",
        )
    for odd in ("\n", "\r\n", "\0", "é"):
        with pytest.raises(TokenError):
            read_access_token(good + odd, signer=forge.signer, now=forge.clock())


def test_white_space_in_the_claims_is_json_and_members_twice_are_not(forge: Forge) -> None:
    claims = forge.claims()
    spaced = json.dumps(claims, indent=3, separators=(" \t,\r\n", " :\n"))
    assert forge.accepts(forge.token(spaced.encode()))
    text = json.dumps(claims)
    for again in ('"sub": "somebody"', '"scopes": ["admin"]', '"exp": 99999999999'):
        assert not forge.accepted(
            forge.token(f"{text[:-1]}, {again}}}".encode()),
            forge.token(f"{{{again}, {text[1:]}".encode()),
        )


def test_claims_that_are_no_object_are_refused(forge: Forge) -> None:
    for claims in ([], "sub", 7, None, b"", b"{", b"\xff", b"[" * 900, [forge.claims()]):
        assert not forge.accepted(forge.token(b"null" if claims is None else claims))


# The claims


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_that_is_missing_is_missed(forge: Forge, name: str) -> None:
    without = forge.claims()
    del without[name]
    assert not forge.accepted(forge.token(without), forge.token(without | {name: None}))


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a_time_that_is_no_time_is_refused(forge: Forge, name: str) -> None:
    now = int(forge.clock().timestamp())
    good = forge.claims(nbf=now)
    odd = [str(good[name]), good[name] + 0.5, True, [good[name]], {}, -good[name], 10**300, -1]
    raw = json.dumps(good | {name: "@"})
    unspeakable = [raw.replace('"@"', text).encode() for text in ("NaN", "Infinity", "1e999")]
    assert forge.accepts(forge.token(good))
    assert not forge.accepted(*(forge.token(good | {name: value}) for value in odd))
    assert not forge.accepted(*(forge.token(text) for text in unspeakable))


@pytest.mark.parametrize("name", ["sub", "jti", "key_id"])
def test_a_name_that_is_no_name_is_refused(forge: Forge, name: str) -> None:
    for value in ("", 7, True, ["default"], {"id": 1}, "x" * 201, "default\0", "a\nb", "\ud800"):
        assert not forge.accepted(forge.token(forge.claims(**{name: value})))


def test_scopes_are_a_list_of_texts(forge: Forge) -> None:
    for value in ("jobs:read", {"jobs:read": True}, [1], [["admin"]], [None], 7, None):
        assert not forge.accepted(forge.token(forge.claims(scopes=value)))


def test_for_another_audience_or_by_another_issuer_is_refused(forge: Forge) -> None:
    for name in ("aud", "iss"):
        good = forge.claims()[name]
        for value in ("", "somebody-else", good.upper(), f"{good} ", [good], [good, "x"], 1, True):
            assert not forge.accepted(forge.token(forge.claims(**{name: value})))


def test_an_expired_token_is_refused(forge: Forge) -> None:
    now = int(forge.clock().timestamp())
    for expired_at in (now, now - 1, now - 1000, 0):
        assert not forge.accepted(forge.token(forge.claims(iat=now - 2000, exp=expired_at)))


def test_a_token_that_is_not_good_yet_is_refused_until_it_is(forge: Forge) -> None:
    now = int(forge.clock().timestamp())
    token = forge.token(forge.claims(nbf=now + 5))
    assert not forge.accepted(token)
    forge.clock.step(5)
    assert forge.accepts(token)


def test_a_token_from_the_future_is_refused(forge: Forge) -> None:
    now = int(forge.clock().timestamp())
    assert not forge.accepted(
        forge.token(forge.claims(iat=now + 40, exp=now + 100)),
        forge.token(forge.claims(iat=now + 4000, exp=now + 5000)),
    )
    assert forge.accepts(forge.token(forge.claims(iat=now + 20)))  # clocks differ


def test_a_token_for_longer_than_a_year_is_refused(forge: Forge) -> None:
    now = int(forge.clock().timestamp())
    longest = int(LONGEST_LIFETIME.total_seconds())
    assert forge.accepts(forge.token(forge.claims(exp=now + longest)))
    assert not forge.accepted(
        forge.token(forge.claims(exp=now + longest + 1)),
        forge.token(forge.claims(iat=now - longest)),
        forge.token(forge.claims(iat=0)),
        forge.token(forge.claims(iat=now, exp=now)),
    )


# What the API makes of them


async def test_the_api_refuses_them_all_alike(shown: Shown) -> None:
    now = int(shown.clock().timestamp())
    body, _, signature = shown.token().rpartition(".")
    await shown.assert_accepted(f"{body}.{signature}")
    await shown.assert_refused(
        f"{body}.",
        f"{body}.{signature}.x.y",
        shown.token(header={"alg": "none"}),
        shown.token(header={"alg": "HS256", "kid": "../../dev/null"}, secret=""),
        shown.token(secret=OTHER_SECRET),
        shown.token(shown.claims(exp=now)),
        shown.token(shown.claims(nbf=now + 9)),
        shown.token(shown.claims(aud="somebody-else")),
        shown.token(shown.claims(sub="default\0")),
        shown.token(shown.claims(exp=10**300)),
        shown.token(b"{"),
        "x" * 60_000,
    )


async def test_what_is_remembered_of_a_token_ends_with_it(shown: Shown) -> None:
    token = shown.token()
    await shown.assert_accepted(token)
    shown.clock.step(60)
    await shown.assert_refused(token)


# Whose it is


async def test_a_token_has_no_scope_that_its_key_lacks(shown: Shown) -> None:
    api = shown.api
    narrow = api.keys.create_key(api.callers.ensure("default"), name="k", scopes=["jobs:read"])
    claims = shown.claims(key_id=narrow.key.id, scopes=["jobs:read", "generate", "admin", "root"])
    headers = {"Authorization": f"Bearer {shown.token(claims)}"}
    assert (await api.get(JOBS, headers=headers)).status_code == 200
    for path in ("/api/v1/generate", "/api/v1/validate"):
        answer = await api.post(path, {}, headers=headers)
        assert answer.status_code == 403, answer.text


async def test_a_token_of_an_admin_key_may_be_narrower_in_any_way(shown: Shown) -> None:
    api = shown.api
    admin = api.key("admin", caller="operator")
    made = await api.post(MAKE, {"scopes": ["jobs:read", "validate"]}, headers=admin)
    assert made.status_code == 200, made.text
    token = made.json()["access_token"]
    await shown.assert_accepted(token)
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/api/v1/generate", "/api/v1/admin/keys"):  # what the key could do
        assert (await api.post(path, {}, headers=headers)).status_code == 403


async def test_another_caller_with_ones_own_key_is_refused(shown: Shown) -> None:
    api = shown.api
    victim = api.callers.ensure("victim")
    own = api.keys.create_key(api.callers.ensure("attacker"), name="k", scopes=["jobs:read"])
    for subject in (victim.id, victim.name, "default", "attacker"):  # the last: a name, no id
        await shown.assert_refused(shown.token(shown.claims(sub=subject, key_id=own.key.id)))
    await shown.assert_refused(shown.token(shown.claims(sub=own.key.caller.id, key_id="key_x")))
    await shown.assert_accepted(shown.token(shown.claims(sub=own.key.caller.id, key_id=own.key.id)))


async def test_tokens_of_a_revoked_or_ended_key_are_refused(shown: Shown) -> None:
    api = shown.api
    caller = api.callers.ensure("default")
    revoked = api.keys.create_key(caller, name="r", scopes=["jobs:read"])
    ending = api.keys.create_key(
        caller, name="e", scopes=["jobs:read"], expires_at=api.clock() + timedelta(seconds=30)
    )
    tokens = [
        shown.token(shown.claims(jti=made.key.name, key_id=made.key.id))
        for made in (revoked, ending)
    ]
    for token in tokens:
        await shown.assert_accepted(token)
    api.keys.revoke_key(revoked.key.id)
    api.services.authenticator.forget()  # what a second does
    await shown.assert_refused(tokens[0])
    await shown.assert_accepted(tokens[1])
    api.clock.step(30)  # it is remembered, but no longer than its key is good
    await shown.assert_refused(tokens[1])


async def test_tokens_from_before_all_were_revoked_are_refused(shown: Shown) -> None:
    api = shown.api
    caller = api.callers.ensure("acme")

    async def tokens() -> list[str]:
        made = api.keys.create_key(caller, name="k", scopes=["jobs:read"])
        by_key = (await api.post(MAKE, {}, headers={"X-API-Key": made.secret})).json()
        by_secret = shown.token(shown.claims(sub="acme", jti=made.key.id))
        return [by_key["access_token"], by_secret]

    before = await tokens()
    for token in before:
        await shown.assert_accepted(token)
    api.clock.step(1)
    api.keys.revoke_all(caller)
    api.services.authenticator.forget()
    await shown.assert_refused(*before)
    await shown.assert_accepted(shown.token())  # of another caller
    api.clock.step(31)  # a clock that signs may be half a minute ahead
    for token in await tokens():
        await shown.assert_accepted(token)


async def test_all_that_were_made_before_are_refused_also_of_callers_yet_unheard_of(
    shown: Shown,
) -> None:
    newcomer = shown.token(shown.claims(sub="nobody has heard of them"))
    shown.api.clock.step(1)
    shown.api.keys.revoke_all()
    shown.api.services.authenticator.forget()
    await shown.assert_refused(newcomer, shown.token(shown.claims(iat=0)))


async def test_a_token_costs_one_query(shown: Shown) -> None:
    api = shown.api
    made = await api.post(MAKE, {"scopes": ["jobs:read"]})
    await api.settle()  # that the key is used is noted by now
    statements: list[str] = []

    @contextmanager
    def counted() -> Iterator[None]:
        api.services.authenticator.forget()
        statements.clear()
        event.listen(api.services.database, "before_cursor_execute", note)
        yield
        event.remove(api.services.database, "before_cursor_execute", note)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with counted():
        assert (await api.get(JOBS)).status_code == 200
    by_key = len(statements)
    for token in (made.json()["access_token"], shown.token()):
        with counted():
            await shown.assert_accepted(token)
        assert len(statements) == by_key


# Taking a token back


@pytest.fixture
async def own_token(shown: Shown) -> str:
    made = await shown.api.post(MAKE, {"scopes": ["jobs:read"]})
    return str(made.json()["access_token"])


async def test_a_token_that_was_taken_back_is_refused_by_every_process(
    start_api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = Shown(await start_api()), Shown(await start_api())
    made = await here.api.post(MAKE, {"scopes": ["jobs:read"]})
    token, other = made.json()["access_token"], here.token()
    for shown in (here, there):
        await shown.assert_accepted(token)
    with caplog.at_level(logging.WARNING):
        answer = await here.api.post(REVOKE, {"token": token})
    assert answer.status_code == 200
    assert answer.json() == {"revoked": True}
    for shown in (there, here):  # though the other one remembered it a moment ago
        await shown.assert_refused(token)
        await shown.assert_accepted(other)
    (line,) = [record for record in caplog.records if record.msg == "token.revoked"]
    assert vars(line)["caller_id"] == "default"
    assert token.rpartition(".")[2] not in str(vars(line))
    metrics = (await here.api.client.get("/metrics")).text
    assert 'backbone_security_events_total{event="token.revoked"} 1.0' in metrics


async def test_a_token_takes_itself_back(shown: Shown, own_token: str) -> None:
    headers = {"Authorization": f"Bearer {own_token}"}
    answer = await shown.api.client.post(REVOKE, headers=headers)
    assert answer.json() == {"revoked": True}
    await shown.assert_refused(own_token)
    assert (await shown.api.client.post(REVOKE, headers=headers)).status_code == 401


async def test_the_token_of_another_caller_is_not_taken_back(shown: Shown, own_token: str) -> None:
    api = shown.api
    stranger = api.key("generate", "jobs:read", "validate", "batches", caller="stranger")
    for token in (own_token, shown.token()):
        answer = await api.post(REVOKE, {"token": token}, headers=stranger)
        assert (answer.status_code, answer.json()) == (200, {"revoked": False})
        await shown.assert_accepted(token)


async def test_who_may_administer_takes_anybodys_back_also_before_it_is_good(shown: Shown) -> None:
    now = int(shown.api.clock().timestamp())
    early = shown.token(shown.claims(sub="acme", nbf=now + 20))
    admin = shown.api.key("admin", caller="operator")
    answer = await shown.api.post(REVOKE, {"token": early}, headers=admin)
    assert answer.json() == {"revoked": True}
    shown.api.clock.step(20)
    await shown.assert_refused(early)


async def test_what_is_no_token_of_ours_is_no_error(shown: Shown) -> None:
    now = int(shown.api.clock().timestamp())
    for token in (
        "x",
        "",
        "a.b.c",
        shown.api.good["X-API-Key"],
        shown.token(secret=OTHER_SECRET),
        shown.token(shown.claims(iat=now - 100, exp=now)),
    ):
        answer = await shown.api.post(REVOKE, {"token": token})
        assert (answer.status_code, answer.json()) == (200, {"revoked": False})
    with shown.api.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(revoked_tokens)).scalar() == 0


async def test_a_wrong_wish_to_take_one_back_says_what_is_wrong(shown: Shown) -> None:
    for body, status, pointer in (
        ("", 422, "/token"),
        ("{}", 422, "/token"),
        ('{"token": 7}', 422, "/token"),
        ('{"token": null}', 422, "/token"),
        ('{"token": "x", "hint": 1}', 422, "/hint"),
        ("[]", 422, ""),
        ("{", 400, ""),
    ):
        answer = await shown.api.client.post(REVOKE, content=body, headers=shown.api.good)
        assert answer.status_code == status
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


# The secret


async def test_a_secret_is_changed_with_an_overlap(start_api: Any) -> None:
    before = Shown(await start_api())
    old = before.token()
    await before.assert_accepted(old)
    during = Shown(await start_api(jwt_secret_key=NEW_SECRET, jwt_secret_key_previous=JWT_SECRET))
    new = (await during.api.post(MAKE, {"scopes": ["jobs:read"]})).json()["access_token"]
    for token in (old, new):
        await during.assert_accepted(token)
    await during.assert_refused(during.token(secret=OTHER_SECRET))
    await before.assert_refused(new)  # so it was signed with the new one
    after = Shown(await start_api(jwt_secret_key=NEW_SECRET))
    await after.assert_accepted(new)
    await after.assert_refused(old)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("short", "must have at least 32 characters"),
        ("changeme" * 5, "is a placeholder"),
        (JWT_SECRET, "must not be the JWT_SECRET_KEY"),
        (OTHER_SECRET, "must not be the API_KEY"),
    ],
)
def test_the_previous_secret_is_as_strong_and_its_own(change: str, complaint: str) -> None:
    settings = Settings(
        _env_file=None,
        api_key=SecretStr(OTHER_SECRET),
        jwt_secret_key=SecretStr(JWT_SECRET),
        jwt_secret_key_previous=SecretStr(change),
    )
    with pytest.raises(SettingsError, match=f"^JWT_SECRET_KEY_PREVIOUS: {complaint}"):
        refuse_unsafe(settings)


def test_a_signer_does_not_show_its_secrets() -> None:
    shown = repr(TokenSigner(JWT_SECRET, "HS256", OTHER_SECRET))
    assert JWT_SECRET not in shown
    assert OTHER_SECRET not in shown


# Who signs


def test_a_token_is_made_as_the_first_version_made_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JWT_SECRET_KEY", JWT_SECRET)
    data = {"sub": "user@example.com", "scopes": ["generate", "validate"]}
    tokens = [create_access_token(data=data, expires_delta=timedelta(hours=24)) for _ in range(2)]
    claims = [jwt.get_unverified_claims(token) for token in tokens]
    assert data == {"sub": "user@example.com", "scopes": ["generate", "validate"]}
    assert claims[0]["exp"] - claims[0]["iat"] == 24 * 3600
    assert claims[0]["jti"] != claims[1]["jti"]
    monkeypatch.setenv("JWT_EXPIRATION_HOURS", "3")
    usual = jwt.get_unverified_claims(create_access_token(data))
    assert usual["exp"] - usual["iat"] == 3 * 3600
    read = read_access_token(
        tokens[0],
        signer=TokenSigner(JWT_SECRET, "HS256"),
        now=datetime.fromtimestamp(claims[0]["iat"]).astimezone(),
    )
    assert (read.subject, read.scopes) == ("user@example.com", {"generate", "validate"})


def test_without_a_secret_nothing_is_signed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="JWT_SECRET_KEY"):
        create_access_token({"sub": "x"}, timedelta(hours=1))


@pytest.mark.parametrize(
    ("data", "days", "named"),
    [
        ({}, 1, "sub"),
        ({"sub": 7}, 1, "sub"),
        ({"sub": "a\0"}, 1, "sub"),
        ({"sub": "x"}, 367, "days"),
    ],
)
def test_what_no_api_would_take_is_not_signed(data: dict[str, Any], days: int, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        create_access_token(data, timedelta(days=days), signer=TokenSigner(JWT_SECRET, "HS256"))


# On each database


@pytest.fixture
def reader(engine: Engine, clock: SteppingClock) -> TokenReader:
    return TokenReader(engine, clock, CallerStore(engine, clock))


def claims_of(subject: str, clock: SteppingClock, **more: Any) -> TokenClaims:
    facts = {"scopes": frozenset(), "key_id": None, "jti": hashlib.sha256().hexdigest()}
    now = clock()
    return TokenClaims(**({"subject": subject, "born_at": now, "expires_at": now} | facts | more))


def test_a_name_that_is_another_callers_id_is_the_id(
    engine: Engine, clock: SteppingClock, reader: TokenReader, alice: str
) -> None:
    CallerStore(engine, clock).ensure(alice)  # somebody's name is now alice's id
    found = reader.ensure_caller(claims_of(alice, clock))
    assert found is not None
    assert (found.id, found.name) == (alice, "alice")


def test_every_database_says_which_tokens_stand(
    engine: Engine, clock: SteppingClock, reader: TokenReader, alice: str
) -> None:
    store = KeyStore(engine, clock)
    caller = CallerStore(engine, clock).ensure("alice")
    made = store.create_key(caller, name="k", scopes=["generate"])
    by_key = claims_of(alice, clock, key_id=made.key.id, jti="by key")
    by_name = claims_of("alice", clock, jti="by name")
    assert reader.find_key(by_key) is not None
    assert reader.ensure_caller(by_name) == caller
    reader.revoke(by_key)
    reader.revoke(by_key)
    reader.revoke(by_name)
    assert reader.find_key(by_key) is None
    assert reader.ensure_caller(by_name) is None
    again = claims_of("alice", clock, jti="another")
    assert reader.ensure_caller(again) == caller
    clock.step(1)
    store.revoke_all(caller)
    assert reader.ensure_caller(again) is None
    assert reader.ensure_caller(claims_of("alice", clock, jti="of a clock ahead")) is None
    clock.step(30)
    assert reader.ensure_caller(claims_of("alice", clock, jti="later")) == caller


def test_revoked_tokens_are_forgotten_once_they_are_over(
    engine: Engine, clock: SteppingClock, reader: TokenReader
) -> None:
    for jti, hours in (("short", 1), ("long", 3)):
        end = clock() + timedelta(hours=hours)
        reader.revoke(claims_of("alice", clock, jti=jti, expires_at=end))
    clock.step(3600)
    assert forget_ended(engine, clock()) == 0  # clocks differ
    clock.step(3600)
    assert forget_ended(engine, clock()) == 1
    with engine.connect() as connection:
        assert connection.execute(select(revoked_tokens.c.jti)).scalars().all() == ["long"]
