"""`POST /validate`: what `/generate` would say, and what it would take."""

import pytest

from api.wire import ValidationShape

VALIDATE = "/api/v1/validate"


async def test_a_good_document(api, notes) -> None:
    answer = await api.post(VALIDATE, notes)
    assert answer.status_code == 200
    ValidationShape.model_validate(answer.json())
    assert answer.json() == {
        "valid": True,
        "errors": [],
        "warnings": [],
        "build_order": ["notes"],
        "dependency_graph": {"tables": ["notes"], "edges": []},
        "requires_llm": False,
        "estimate": {
            "seconds": pytest.approx(2, abs=2),
            "llm_calls": 0,
            "cost_usd": 0,
            "reserved_usd": 0,
            "max_cost_usd": 0,
        },
    }


async def test_it_never_queues(api, notes) -> None:
    await api.post(VALIDATE, notes)
    assert (await api.get("/api/v1/jobs")).json()["items"] == []


async def test_the_graph_and_the_order(api, notes) -> None:
    key = {"name": "id", "type": "Integer", "primary_key": True}
    notes["schema"] = [
        {
            "table_name": "books",
            "class_name": "Book",
            "columns": [
                key,
                {"name": "author_id", "type": "ForeignKey", "target": "authors.id"},
            ],
        },
        {"table_name": "authors", "class_name": "Author", "columns": [key]},
    ]
    answer = (await api.post(VALIDATE, notes)).json()
    ValidationShape.model_validate(answer)
    assert answer["valid"] is True
    assert answer["build_order"] == ["authors", "books"]
    assert answer["dependency_graph"] == {
        "tables": ["books", "authors"],
        "edges": [
            {
                "table": "books",
                "columns": ["author_id"],
                "target_table": "authors",
                "target_columns": ["id"],
                "closes_cycle": False,
            }
        ],
    }


async def test_a_cycle_is_marked(api, notes) -> None:
    key = {"name": "id", "type": "Integer", "primary_key": True}
    notes["schema"] = [
        {
            "table_name": mine,
            "class_name": mine.title(),
            "columns": [
                key,
                {"name": f"{other}_id", "type": "ForeignKey", "target": f"{other}.id"},
            ],
        }
        for mine, other in (("hen", "egg"), ("egg", "hen"))
    ]
    answer = (await api.post(VALIDATE, notes)).json()
    assert answer["valid"] is True
    assert sorted(answer["build_order"]) == ["egg", "hen"]
    edges = answer["dependency_graph"]["edges"]
    assert sum(edge["closes_cycle"] for edge in edges) == 1


@pytest.mark.parametrize("document", [{}, [], "text", 7, None])
async def test_what_generate_answers_with_422_is_not_valid(api, document) -> None:
    body = {"content": b"null"} if document is None else {}
    generated = await api.post("/api/v1/generate", document, **body)
    assert generated.status_code == 422
    answer = await api.post(VALIDATE, document, **body)
    assert answer.status_code == 200
    ValidationShape.model_validate(answer.json())
    assert answer.json()["valid"] is False
    assert answer.json()["errors"] == generated.json()["errors"]
    for name in ("build_order", "dependency_graph", "requires_llm", "estimate"):
        assert answer.json()[name] is None


async def test_warnings(api, notes) -> None:
    notes["description"] = "d" * 1500
    answer = (await api.post(VALIDATE, notes)).json()
    assert answer["valid"] is True
    assert [warning["pointer"] for warning in answer["warnings"]] == ["/description"]


async def test_a_longer_check_of_more_tables_takes_longer(api, notes) -> None:
    async def seconds(document):
        return (await api.post(VALIDATE, document)).json()["estimate"]["seconds"]

    table = notes["schema"][0]
    more = notes | {
        "schema": [
            table | {"table_name": f"t{number}", "class_name": f"T{number}"} for number in range(9)
        ]
    }
    assert await seconds(notes) < await seconds(more)
    assert await seconds(notes | {"run": {"verify": "none"}}) < await seconds(notes)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", "good", 400),
        (b"{}", "missing", 401),
        (b"{}", "wrong", 401),
    ],
)
async def test_other_errors_are_as_everywhere(api, body, headers, status) -> None:
    sent = {"good": api.good, "missing": {}, "wrong": {"X-API-Key": "x" * 40}}[headers]
    answer = await api.client.post(VALIDATE, content=body, headers=sent)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_413_as_everywhere(start_api) -> None:
    api = await start_api(max_json_size=100)
    answer = await api.client.post(VALIDATE, content=b" " * 101, headers=api.good)
    assert answer.status_code == 413
