"""Put into the project of `keys.json`: a path leads to the row that it names, and to no other."""

from __future__ import annotations

import base64

import pytest
from httpx import AsyncClient

UNITS = ["km", "km/h", "m"]


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("/+8=", "_-8%3D"),
        ("/+8=", "_%2B8="),
        ("++++", "----"),
        ("AA==", "AA=="),
        ("_-8=", "_-8="),
    ],
)
async def test_bytes_are_read_changed_and_deleted(client: AsyncClient, key: str, path: str) -> None:
    made = await client.post("/digests", json={"bytes": key})
    assert made.status_code == 201, made.text
    assert made.json()["bytes"] == key.replace("-", "+").replace("_", "/")
    for place in (made.headers["location"], f"/digests/{path}"):
        assert (await client.get(place)).json() == made.json()
        changed = await client.patch(place, json={"about": {"n": 1}})
        assert changed.status_code == 200, changed.text
        assert (await client.patch(place, json={"about": None})).status_code == 200
    assert (await client.delete(f"/digests/{path}")).status_code == 204
    assert (await client.get("/digests")).json()["total"] == 0


async def test_tables_are_sorted_by_bytes_that_are_their_key(client: AsyncClient) -> None:
    for key in ("AA==", "Ag==", "AQ=="):
        assert (await client.post("/digests", json={"bytes": key})).status_code == 201
    answer = await client.get("/digests", params={"sort": "-bytes"})
    assert [row["bytes"] for row in answer.json()["items"]] == ["Ag==", "AQ==", "AA=="]
    for sort in ("-", ",-", "", "about"):
        assert (await client.get("/digests", params={"sort": sort})).status_code == 422, sort


async def test_bytes_that_no_path_can_hold_are_no_key(client: AsyncClient) -> None:
    for key in ("", "?", "AAE", "=", 1, None):
        assert (await client.post("/digests", json={"bytes": key})).status_code == 422, key
    long = base64.b64encode(bytes(1001)).decode()
    assert (await client.post("/digests", json={"bytes": long})).status_code == 422
    for path in ("%3F", "AAE", "=", "%0A", "AA==%0A"):
        assert (await client.get(f"/digests/{path}")).status_code == 422, path


@pytest.mark.parametrize("escaped", [False, True])
async def test_values_with_a_slash_are_told_apart(client: AsyncClient, escaped: bool) -> None:
    slash = "%2F" if escaped else "/"
    for unit in UNITS:
        assert (await client.post("/units", json={"name": unit})).status_code == 201
    for unit in UNITS:
        path = f"/units/{unit.replace('/', slash)}"
        assert (await client.get(path)).json()["name"] == unit
    links = await client.get("/units/m/digests")
    assert links.json() == {"items": [], "total": 0, "limit": 20, "offset": 0}
    assert (await client.get("/units/km%2Fh/digests")).json()["items"] == []


@pytest.mark.parametrize("ending", ["%0A", "%0D", "%00", "%20", "%0A%0A"])
async def test_no_path_leads_to_another_row(client: AsyncClient, ending: str) -> None:
    for unit in UNITS:
        assert (await client.post("/units", json={"name": unit})).status_code == 201
    assert (await client.post("/notes", json={"title": "a"})).status_code == 201
    for path in ("/units/km%2Fh", "/units/km", "/units/km/h", "/notes/a"):
        for method in ("GET", "PATCH", "DELETE"):
            body = {} if method == "PATCH" else None
            answer = await client.request(method, path + ending, json=body)
            assert answer.status_code in {404, 422}, (method, path)
    assert (await client.get("/units")).json()["total"] == len(UNITS)
    assert (await client.get("/notes")).json()["total"] == 1


async def test_texts_that_no_path_can_hold_are_no_key(client: AsyncClient) -> None:
    for title in ("", "a/b", "/", ".", "..", "x" * 1001):
        assert (await client.post("/notes", json={"title": title})).status_code == 422, title
    made = await client.post("/notes", json={"title": "x" * 1000})
    assert (await client.get(made.headers["location"])).json() == made.json()


async def test_texts_may_end_in_a_newline(client: AsyncClient) -> None:
    for title in ("a", "a\n", "\n"):
        assert (await client.post("/notes", json={"title": title})).status_code == 201
    assert (await client.delete("/notes/a%0A")).status_code == 204
    assert (await client.delete("/notes/%0A")).status_code == 204
    assert [row["title"] for row in (await client.get("/notes")).json()["items"]] == ["a"]


@pytest.mark.parametrize(
    ("about", "status"),
    [
        ("x" * 999_998, 201),
        ("x" * 999_999, 422),
        ("\u00fc" * 500_000, 422),
        (["", " " * 999_996], 422),
        ([1] * 499_999, 201),
        ([1] * 500_001, 422),
    ],
)
async def test_json_is_bounded(client: AsyncClient, about: object, status: int) -> None:
    answer = await client.post("/digests", json={"bytes": "AAAA", "about": about})
    assert answer.status_code == status
    if status == 422:
        (fault,) = answer.json()["errors"]
        assert fault["pointer"] == "/about"
        assert "at most 1000000 bytes" in fault["message"]
        assert len(answer.content) < 1000
        made = await client.post("/digests", json={"bytes": "AAAA"})
        changed = await client.patch(made.headers["location"], json={"about": about})
        assert changed.status_code == 422
