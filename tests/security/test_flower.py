"""Flower: what it shows to nobody, to anybody and to its user, who can look and change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flower.urls import handlers
from tornado.web import RequestHandler, URLSpec
from tornado.websocket import WebSocketHandler

from backbone.background_stack import BackgroundStack
from backbone.client import Client
from backbone.stack import FLOWER_USER
from tests.security.test_queue import SMALL

METHODS = ("get", "post", "put", "patch", "delete")
OPEN = {"/metrics", "/healthcheck"}
"""For machines nearby: they tell of workers, by name, and of no job; Flower can't close them."""
HARMLESS = {"/logout", "/nothing"}
"""They tell nothing: one takes a cookie away that this Flower never gives, one says 404."""
SOMEBODY = "celery@somewhere"
EVIL = "https://evil.example"


def calls() -> list[tuple[str, str]]:
    """Every method and path that this Flower serves, but for its scripts and styles."""
    found = []
    for handler in handlers:
        spec = handler if isinstance(handler, URLSpec) else URLSpec(*handler)
        path = spec.regex.pattern.rstrip("$").replace("/?", "")
        for group, example in (("(.+)", SOMEBODY), ("(.*)", SOMEBODY), (".*", "/nothing")):
            path = path.replace(group, example)
        if not path.startswith("/static"):
            found += [
                (method, path)
                for method in METHODS
                if getattr(spec.handler_class, method) is not getattr(RequestHandler, method)
            ]
    return found


CALLS = calls()
CHANGES = [path for method, path in CALLS if method == "post" and path.startswith("/api/")]


@pytest.fixture
def flower(stack: BackgroundStack) -> Iterator[httpx.Client]:
    """Somebody who has no credentials."""
    with httpx.Client(base_url=stack.flower_url) as client:
        yield client


@pytest.fixture
def user(stack: BackgroundStack) -> Iterator[httpx.Client]:
    """Somebody who has them."""
    auth = (FLOWER_USER, stack.secret("flower_password"))
    with httpx.Client(base_url=stack.flower_url, auth=auth, timeout=30) as client:
        yield client


@pytest.fixture
def job_id(stack: BackgroundStack) -> str:
    """A job that a worker has done."""
    with Client(stack.api_url, stack.api_key) as client:
        made = client.submit(json.dumps(SMALL).encode())["id"]
        *_, job = client.watch(made)
    assert job["status"] == "succeeded"
    return str(made)


def test_there_is_more_than_pages() -> None:
    assert len(CALLS) > 25
    changes = {path.removeprefix("/api/").removesuffix(f"/{SOMEBODY}") for path in CHANGES}
    assert {"worker/shutdown", "worker/pool/shrink", "task/revoke", "task/apply"} < changes


def test_without_credentials_only_health_and_metrics_answer(flower: httpx.Client) -> None:
    for method, path in CALLS:
        answer = flower.request(method, path)
        if path in OPEN:
            assert answer.status_code == 200
        elif path not in HARMLESS:
            assert answer.status_code == 401, (method, path)
            assert answer.text in {"", "Access denied"}


def test_wrong_credentials_are_none(flower: httpx.Client, stack: BackgroundStack) -> None:
    password = stack.secret("flower_password")
    for auth in (
        (FLOWER_USER, "guess"),
        (FLOWER_USER, ""),
        (FLOWER_USER, password[:-1]),
        (FLOWER_USER, f"{password}x"),
        ("admin", password),
        ("", ""),
        (FLOWER_USER, stack.api_key),
    ):
        assert flower.get("/api/workers", auth=auth).status_code == 401
    for header in ("Basic", "Basic ???", "Basic eDp5", f"Bearer {password}", "", "Basic a b c"):
        answer = flower.get("/api/workers", headers={"Authorization": header})
        assert answer.status_code == 401, header
    assert flower.get("/api/workers", headers={"X-API-Key": stack.api_key}).status_code == 401


def test_what_is_open_tells_of_no_job_and_no_secret(
    flower: httpx.Client, stack: BackgroundStack, job_id: str
) -> None:
    for path in OPEN:
        text = flower.get(path).text
        assert job_id not in text
        assert "job_" not in text
        assert not [value for value in secrets_of(stack) if value in text]


def test_there_is_no_websocket(flower: httpx.Client) -> None:
    classes = [one.handler_class if isinstance(one, URLSpec) else one[1] for one in handlers]
    assert not [one for one in classes if issubclass(one, WebSocketHandler)]
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    for path in ("/", "/api/tasks", "/api/task/events/task-received/", "/update-workers"):
        assert flower.get(path, headers=upgrade).status_code in {401, 404}


def test_its_user_can_change_nothing(
    user: httpx.Client, stack: BackgroundStack, job_id: str
) -> None:
    (worker,) = user.get("/api/workers", params={"refresh": 1}).json()
    for path in CHANGES:
        for named in (worker, job_id, "job.run"):
            answer = user.post(path.replace(SOMEBODY, named), json={"args": [job_id]})
            assert answer.status_code == 403, path
            assert "Read only" in answer.text
        for method in ("get", "put", "delete", "patch"):
            assert user.request(method, path.replace(SOMEBODY, worker)).status_code == 405
    with Client(stack.api_url, stack.api_key) as client:
        *_, job = client.watch(client.submit(json.dumps(SMALL).encode())["id"])
    assert job["status"] == "succeeded"


def test_no_page_of_another_site_acts_for_its_user(user: httpx.Client) -> None:
    for path in CHANGES:
        for headers in (
            {"Origin": EVIL},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": EVIL, "Content-Type": "application/x-www-form-urlencoded"},
        ):
            answer = user.post(path, headers=headers)
            assert answer.status_code == 403, (path, headers)
            assert not [name for name in answer.headers if name.startswith("access-control")]


def test_no_page_of_another_site_reads_for_its_user(user: httpx.Client) -> None:
    for path in ("/", "/api/workers", "/api/tasks", "/metrics"):
        asked = user.options(
            path, headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"}
        )
        for answer in (asked, user.get(path, headers={"Origin": EVIL})):
            assert not [name for name in answer.headers if name.startswith("access-control")]


def test_no_page_shows_a_secret(user: httpx.Client, stack: BackgroundStack, job_id: str) -> None:
    (worker,) = user.get("/api/workers", params={"refresh": 1}).json()
    pages = ("/", "/broker", "/tasks", f"/task/{job_id}", f"/worker/{worker}", "/api/workers")
    shown = {path: user.get(path).text for path in pages}
    assert worker in shown[f"/worker/{worker}"]
    for value in secrets_of(stack):
        assert not [path for path, text in shown.items() if value in text]


def test_it_listens_on_this_machine_alone(stack: BackgroundStack) -> None:
    port = int(stack.flower_url.rpartition(":")[2])
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            address, _, state = line.split()[1:4]
            host, number = address.split(":")
            if int(number, 16) == port and state == "0A":
                listening.append(host)
    assert listening == ["0100007F"]  # 127.0.0.1


def secrets_of(stack: BackgroundStack) -> list[str]:
    kept: dict[str, Any] = json.loads((stack.folder / "secrets.json").read_text(encoding="utf-8"))
    assert len(kept) >= 4
    return list(kept.values())
