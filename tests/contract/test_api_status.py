"""`GET /status`: what runs here, under which rules, and what it can do."""

from importlib.metadata import version

from api.wire import StatusShape
from common.capabilities import Capabilities, write_capabilities

STATUS = "/api/v1/status"


async def test_what_it_tells(api) -> None:
    answer = await api.get(STATUS)
    assert answer.status_code == 200
    StatusShape.model_validate(answer.json())
    assert answer.json() == {
        "version": version("backbone-ai"),
        "environment": "development",
        "auth": "on",
        "limits": {
            "rates": {
                "public": "20/minute",
                "authenticated": "100/minute",
                "generation": "10/minute;50/hour",
                "validation": "50/minute",
            },
            "sizes": {
                "max_request_size": 52_428_800,
                "max_json_size": 10_485_760,
                "max_string_length": 1000,
                "max_array_length": 100,
                "max_tables": 50,
                "max_columns_per_table": 100,
                "max_relationships_per_table": 50,
                "max_batch_lines": 10_000,
                "max_batch_lines_per_hour": 100_000,
            },
        },
        "capabilities": {
            "llm": {
                "configured": False,
                "provider": None,
                "design_model": None,
                "implement_model": None,
            },
            "sandbox": None,
            "engines": None,
        },
    }


async def test_the_limits_in_force_are_told(start_api) -> None:
    api = await start_api(max_tables=7, rate_limit_validation="9/minute", environment="production")
    status = (await api.get(STATUS)).json()
    assert status["limits"]["sizes"]["max_tables"] == 7
    assert status["limits"]["rates"]["validation"] == "9/minute"
    assert status["environment"] == "production"
    unlimited = await start_api(enable_rate_limiting=False)
    assert (await unlimited.get(STATUS)).json()["limits"]["rates"] is None


async def test_which_models_answer(start_api) -> None:
    api = await start_api(
        default_llm_provider="openai",
        openai_api_key="sk-nobody-may-read-this",
        implement_llm_model="ollama:llama3:8b",
    )
    answer = await api.get(STATUS)
    assert answer.json()["capabilities"]["llm"] == {
        "configured": True,
        "provider": "openai",
        "design_model": "openai:gpt-5.4",
        "implement_model": "ollama:llama3:8b",
    }
    assert "sk-" not in answer.text


async def test_what_the_workers_wrote_down(api) -> None:
    write_capabilities(api.services.artifacts, Capabilities(("bubblewrap", "rlimits"), ("sqlite",)))
    capabilities = (await api.get(STATUS)).json()["capabilities"]
    assert capabilities["sandbox"] == ["bubblewrap", "rlimits"]
    assert capabilities["engines"] == ["sqlite"]


async def test_what_nobody_can_read_is_not_known(api) -> None:
    api.services.artifacts.put("workers/capabilities.json", b"[]")
    capabilities = (await api.get(STATUS)).json()["capabilities"]
    assert capabilities["sandbox"] is None
