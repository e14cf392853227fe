"""Put into the blog with users: what an attacker sends gets nothing that was not asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from app.auth.users import get_current_user
from app.core.config import get_settings
from app.core.database import get_session
from app.main import app, lifespan
from app.models import AuthUser
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.conftest import PASSWORD

SQL = [
    "' OR '1'='1",
    "'; DROP TABLE posts; --",
    "x' UNION SELECT password_hash FROM auth_users --",
    '" OR ""="',
    "%' OR 1=1 --",
    "\\",
    ":id",
    "%(id)s",
    "?",
    "{0}",
]
COLUMNS = ["password_hash", "author.name", "id desc", "id);--", "__class__", "metadata", "-", ""]


async def made(client: AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def post(client: AsyncClient) -> dict[str, Any]:
    described = (await client.get("/openapi.json")).json()
    body = described["components"]["schemas"]["UserCreate"]["examples"][0]
    author = await made(client, "/users", body)
    return await made(client, "/posts", {"author_id": author["id"], "title": "t", "slug": "s"})


OWN = ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "author", "__class__", "none"]


@pytest.mark.parametrize("member", OWN)
async def test_no_member_is_set_that_is_not_the_senders(
    client: AsyncClient, post: dict[str, Any], member: str
) -> None:
    value = {"id": 77, "is_deleted": True}.get(member, "2020-01-01T00:00:00Z")
    new = {"author_id": post["author_id"], "title": "t", "slug": "other", member: value}
    place = f"/posts/{post['id']}"
    for answer in (
        await client.post("/posts", json=new),
        await client.patch(place, json={member: value}),
    ):
        assert answer.status_code == 422, answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{member}"]
    assert (await client.get(place)).json() == post
    assert (await client.get("/posts")).json()["total"] == 1


@pytest.mark.parametrize("member", ["id", "is_active", "password_hash", "is_admin", "scopes"])
async def test_who_registers_is_nothing_but_a_user(
    stranger: AsyncClient, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "allow_registration", True)
    body = {"username": "mallory", "password": PASSWORD, member: True}
    assert (await stranger.post("/auth/register", json=body)).status_code == 422
    del body[member]
    assert (await stranger.post("/auth/register", json=body)).json().keys() == {"id", "username"}


@pytest.mark.parametrize("secret", [None, "", "short", "x" * 31, "x" * 64, "changeme" * 8])
async def test_a_server_with_a_weak_secret_does_not_start(
    secret: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = None if secret is None else SecretStr(secret)
    monkeypatch.setattr(get_settings(), "jwt_secret", known)
    with pytest.raises(RuntimeError, match="Set JWT_SECRET") as raised:
        async with lifespan(app):
            pass
    assert not secret or secret not in str(raised.value)


async def test_passwords_are_kept_as_argon2_hashes_and_shown_to_nobody(
    stranger: AsyncClient, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "allow_registration", True)
    body = {"username": "alice", "password": PASSWORD}
    answer = await stranger.post("/auth/register", json=body)
    assert answer.status_code == 201
    kept = await session.scalar(select(AuthUser.password_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert kept not in answer.text
    described = (await stranger.get("/openapi.json")).text
    assert "password_hash" not in described
    assert (await stranger.get("/auth_users")).status_code == 404


@pytest.mark.parametrize("query", [{"limit": 101}, {"limit": 10**9}, {"limit": -1}, {"offset": -1}])
async def test_lists_are_bounded(client: AsyncClient, query: dict[str, int]) -> None:
    assert (await client.get("/posts", params=query)).status_code == 422
    assert (await client.get("/posts")).json()["limit"] == 20


@pytest.mark.parametrize("column", COLUMNS)
async def test_lists_are_sorted_and_filtered_by_known_columns_alone(
    client: AsyncClient, column: str
) -> None:
    for query in (
        {"sort": column},
        {"sort": f"id,{column}"},
        {f"{column}": 1},
        {f"{column}__gte": 1},
    ):
        assert (await client.get("/posts", params=query)).status_code == 422, query
    assert (await client.get("/posts", params={"id__ne": 1})).status_code == 422
    assert (await client.get("/posts", params={"id__class__": 1})).status_code == 422


@pytest.mark.parametrize("text", SQL)
async def test_text_is_never_sql(
    client: AsyncClient, post: dict[str, Any], text: str, statements: list[str]
) -> None:
    for query in ({"title": text}, {"title__contains": text}, {"slug": text}):
        answer = await client.get("/posts", params=query)
        assert answer.status_code == 200
        assert answer.json()["items"] == []
    changed = await client.patch(f"/posts/{post['id']}", json={"title": text})
    assert changed.json()["title"] == text
    found = await client.get("/posts", params={"title__contains": text})
    assert [each["id"] for each in found.json()["items"]] == [post["id"]]
    assert not [each for each in statements if text in each and len(text) > 3]


@pytest.mark.usefixtures("post")
async def test_signs_of_like_stand_for_themselves(client: AsyncClient) -> None:
    for text in ("%", "_", "t%"):
        answer = await client.get("/posts", params={"title__contains": text})
        assert answer.json()["total"] == 0


SECRET = "SELECT secret FROM vault"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(SECRET),
        OperationalError(SECRET, {"p": SECRET}, Exception(SECRET)),
        KeyError(SECRET),
    ],
)
async def test_an_error_tells_nothing_of_what_is_inside(error: Exception) -> None:
    class Broken:
        async def execute(self, *_: object, **__: object) -> None:
            raise error

        get = scalar = scalars = execute

    app.dependency_overrides[get_session] = Broken
    app.dependency_overrides[get_current_user] = lambda: None
    transport = ASGITransport(app, raise_app_exceptions=False)
    try:
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.get("/posts")
    finally:
        app.dependency_overrides.clear()
    assert answer.status_code in {500, 503}
    assert answer.headers["content-type"] == "application/problem+json"
    told = json.dumps(answer.json()) + repr(answer.headers)
    for word in ("SELECT", "vault", "Traceback", "sqlalchemy", "app/", ".py"):
        assert word not in told


async def test_a_key_that_is_taken_tells_no_sql(client: AsyncClient, post: dict[str, Any]) -> None:
    body = {"author_id": post["author_id"], "title": "t", "slug": "s"}
    answer = await client.post("/posts", json=body)
    assert answer.status_code == 409
    for word in ("INSERT", "UNIQUE", "sqlite", "posts.slug", "Traceback"):
        assert word not in answer.text
