"""`/openapi.json` tells the truth, and all of it. (That no answer is undocumented, whatever it is,
is checked under every test of the API: see `MountedApi`.)"""

import json

import pytest

from api.wire import ValidationShape

CALLS = {
    ("post", "/api/v1/generate"),
    ("post", "/api/v1/design"),
    ("post", "/api/v1/validate"),
    ("get", "/api/v1/jobs"),
    ("get", "/api/v1/jobs/{job_id}"),
    ("delete", "/api/v1/jobs/{job_id}"),
    ("get", "/api/v1/jobs/{job_id}/events"),
    ("post", "/api/v1/jobs/{job_id}/cancel"),
    ("post", "/api/v1/jobs/{job_id}/retry"),
    ("get", "/api/v1/jobs/{job_id}/artifact"),
    ("get", "/api/v1/jobs/{job_id}/files"),
    ("get", "/api/v1/jobs/{job_id}/files/{path}"),
    ("get", "/api/v1/jobs/{job_id}/report"),
    ("get", "/api/v1/jobs/{job_id}/document"),
    ("post", "/api/v1/batches"),
    ("get", "/api/v1/batches"),
    ("get", "/api/v1/batches/{batch_id}"),
    ("get", "/api/v1/batches/{batch_id}/results"),
    ("get", "/api/v1/batches/{batch_id}/artifact"),
    ("post", "/api/v1/batches/{batch_id}/cancel"),
    ("post", "/api/v1/batches/{batch_id}/pause"),
    ("post", "/api/v1/batches/{batch_id}/resume"),
    ("post", "/api/v1/batches/{batch_id}/retry-failed"),
    ("post", "/api/v1/auth/token"),
    ("post", "/api/v1/auth/revoke"),
    ("get", "/api/v1/status"),
    ("get", "/api/v1/usage"),
    ("get", "/api/v1/admin/callers"),
    ("post", "/api/v1/admin/callers"),
    ("get", "/api/v1/admin/callers/{caller}"),
    ("patch", "/api/v1/admin/callers/{caller}"),
    ("get", "/api/v1/admin/keys"),
    ("post", "/api/v1/admin/keys"),
    ("post", "/api/v1/admin/keys/revoke-all"),
    ("get", "/api/v1/admin/keys/{key_id}"),
    ("post", "/api/v1/admin/keys/{key_id}/rotate"),
    ("post", "/api/v1/admin/keys/{key_id}/revoke"),
    ("get", "/api/v1/admin/jobs"),
    ("get", "/api/v1/admin/jobs/{job_id}"),
    ("post", "/api/v1/admin/jobs/{job_id}/cancel"),
    ("get", "/api/v1/admin/jobs/{job_id}/document"),
    ("get", "/api/v1/admin/jobs/{job_id}/report"),
    ("get", "/api/v1/admin/usage"),
    ("get", "/health"),
    ("get", "/health/liveness"),
    ("get", "/health/readiness"),
    ("get", "/health/detailed"),
    ("get", "/metrics"),
}


@pytest.fixture
async def described(api):
    return (await api.client.get("/openapi.json")).json()


def operations(described):
    return {
        (method, path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


async def test_every_call_is_there_and_no_other(described) -> None:
    assert operations(described).keys() == CALLS
    assert described["openapi"].startswith("3.1")


async def test_every_reference_leads_somewhere(described) -> None:
    def references(value):
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for part in value.values():
                yield from references(part)
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    found = set(references(described))
    assert "#/components/schemas/ProjectDocument" in found
    for reference in found:
        place = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


async def test_errors_that_every_call_may_answer_with(described) -> None:
    for (_, path), operation in operations(described).items():
        statuses = operation["responses"].keys()
        if path.startswith("/api/"):
            assert {"401", "403", "413", "429", "503"} <= statuses
            assert operation["security"] == [{"ApiKey": []}, {"Token": []}]
        else:
            assert "security" not in operation
        for status, response in operation["responses"].items():
            if status[0] in "45" and path.startswith("/api/"):
                assert response["content"].keys() == {"application/problem+json"}
                assert "X-RateLimit-Limit" in response["headers"]
            assert "X-Request-ID" in response["headers"]


async def test_operation_ids_are_unique(described) -> None:
    ids = [operation["operationId"] for operation in operations(described).values()]
    assert len(ids) == len(set(ids))


async def test_every_call_is_explained(described) -> None:
    for operation in operations(described).values():
        assert operation["summary"]
        assert len(operation["description"]) > 20


async def test_the_example_is_a_valid_document(api, described) -> None:
    for path in ("/api/v1/generate", "/api/v1/validate"):
        content = described["paths"][path]["post"]["requestBody"]["content"]
        example = content["application/json"]["example"]
        answer = (await api.post("/api/v1/validate", example)).json()
        ValidationShape.model_validate(answer)
        assert answer["valid"] is True


async def test_the_document_is_described_as_it_is_sent(described) -> None:
    document = described["components"]["schemas"]["ProjectDocument"]
    assert set(document["required"]) == {"project_name", "db_type", "schema"}
    assert document["additionalProperties"] is False
    assert "run" in document["properties"]


async def test_without_authentication_none_is_asked_for(start_api) -> None:
    api = await start_api(enable_auth=False)
    described = (await api.client.get("/openapi.json")).json()
    assert "securitySchemes" not in described["components"]
    assert '"security"' not in json.dumps(described)


@pytest.mark.parametrize("path", ["/api/v1/generate", "/api/v1/jobs/{job_id}/retry"])
async def test_what_a_request_that_makes_a_job_may_ask_for(described, path) -> None:
    operation = described["paths"][path]["post"]
    sent = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
    assert sent == {"Idempotency-Key", "Prefer"}
    for status in ("200", "202"):
        answer = operation["responses"][status]
        assert {"ETag", "Location", "Retry-After", "Preference-Applied"} <= answer["headers"].keys()
        [content] = answer["content"].values()
        assert content["schema"]["$ref"].endswith("/JobShape")
