"""docker-compose.yml and the image keep their promises, as far as reading them can tell."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.access_settings import AccessSettings
from common.llm.settings import LlmSettings
from common.settings import Settings

MODELS = {"OPENAI_API_KEY", "ANTHROPIC_API_KEY"}
AT_TIMES = {"JWT_SECRET_KEY_PREVIOUS", "METRICS_TOKEN"}
SERVICES = {"api", "worker", "beat", "flower", "redis", "postgres"}
OURS = SERVICES - {"redis", "postgres"}
NOT_PASSED_ON = {
    "DATA_DIR": "a volume, at one place",
    "CACHE_DIR": "in DATA_DIR",
    "API_HOST": "all addresses of the container",
    "API_PORT": "one in the container, and which on the host is the setting",
    "FLOWER_PORT": "likewise",
    "FLOWER_PASSWORD": "a part of FLOWER_BASIC_AUTH",
    "DATABASE_URL": "the PostgreSQL beside it",
    "REDIS_URL": "the Redis beside it",
    "CELERY_BROKER_URL": "likewise",
    "LLM_PRICES_FILE": "a file, which would have to be mounted, too",
}
"""Settings that the environment of `docker compose` does not decide, and why."""
NOT_IN_THE_IMAGE = ("GOOGLE_", "OLLAMA_")
"""Providers whose packages are extras, which the image does not have."""


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((root / "docker-compose.yml").read_text("utf-8"))
    return loaded


def test_every_service_is_there_and_says_when_it_is_healthy(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == SERVICES | {"prometheus"}
    assert compose["services"]["prometheus"]["profiles"] == ["monitoring"]
    for service in compose["services"].values():
        assert service["healthcheck"]["test"]
        assert service["restart"] == "unless-stopped"


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    secret = re.compile(r"\$\{(\w*(?:KEY|PASSWORD|SECRET|TOKEN)(?!S)\w*)([^}]*)\}")
    used = secret.findall(str(compose))
    assert {name for name, _ in used} == {
        "API_KEY",
        "JWT_SECRET_KEY",
        "FLOWER_PASSWORD",
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        *MODELS,
        *AT_TIMES,
    }
    # Those of models are nobody's until somebody wants one, and some are only there at times
    unset = MODELS | AT_TIMES
    assert all(rest == (":-" if name in unset else f":?set {name}") for name, rest in used)


def test_no_secret_is_on_a_command_line(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert not re.search(r"(?<!\$)\$\{", str(service.get("command", "")))


def test_everything_is_published_on_loopback_alone(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_variables_are_settings(compose: dict[str, Any]) -> None:
    known = {name.upper() for name in Settings.model_fields} | {"REMAP_SIGTERM"}
    for name in ("api", "worker", "beat"):
        assert set(compose["services"][name]["environment"]) <= known


def test_every_setting_is_passed_on_to_whom_it_concerns(compose: dict[str, Any]) -> None:
    """None is set in vain: one that is new is passed on, or said why not."""
    names = {name.upper() for name in Settings.model_fields}
    names -= {name for name in names if name.startswith(NOT_IN_THE_IMAGE)}
    assert NOT_PASSED_ON.keys() <= names
    passed = {
        name: {
            variable
            for variable, value in service["environment"].items()
            if f"${{{variable}:" in str(value)
        }
        for name, service in compose["services"].items()
        if name in {"api", "worker", "beat"}
    }
    access = {name.upper() for name in AccessSettings.model_fields}
    models = {name.upper() for name in LlmSettings.model_fields}
    engines = {"ENGINE_POSTGRESQL_URL", "ENGINE_MYSQL_URL"}
    for_all = names - access - models - engines - NOT_PASSED_ON.keys()
    assert passed["api"] == for_all | (access | models) & names - NOT_PASSED_ON.keys()
    assert passed["worker"] == for_all | models & names - NOT_PASSED_ON.keys() | engines
    assert passed["beat"] == for_all


def test_every_service_has_a_world_that_it_cannot_change_and_no_capability(
    compose: dict[str, Any],
) -> None:
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["pids_limit"] <= 2048, name
        assert service["mem_limit"], name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert "privileged" not in service, name
        # Secrets out of the environment can't be laid into one that is read-only
        assert service["read_only"] is (name != "prometheus"), name
        assert service.get("secrets") == (["metrics_token"] if name == "prometheus" else None)
        if name in OURS:
            assert all(":size=" in each for each in service["tmpfs"]), name
        if name != "postgres":  # it gives itself its volume, and then its rights away
            assert "cap_add" not in service, name
    services = compose["services"].items()
    unconfined = [name for name, service in services if "seccomp" in str(service)]
    assert unconfined == ["worker"]


def test_flower_is_read_only_and_asks_who_you_are(compose: dict[str, Any]) -> None:
    environment = compose["services"]["flower"]["environment"]
    assert environment["FLOWER_READ_ONLY"] == "true"
    assert environment["FLOWER_BASIC_AUTH"].startswith("backbone:${FLOWER_PASSWORD:?")


def test_only_workers_know_the_servers_that_projects_are_tried_on(compose: dict[str, Any]) -> None:
    knowing = [name for name, service in compose["services"].items() if "ENGINE_" in str(service)]
    assert knowing == ["worker"]


def test_only_the_api_knows_the_api_key(compose: dict[str, Any]) -> None:
    services = compose["services"].items()
    knowing = [name for name, service in services if re.search(r"\bAPI_KEY", str(service))]
    assert knowing == ["api"]


def test_the_image_runs_as_nobody_special_from_the_lock(root: Path) -> None:
    text = (root / "Dockerfile").read_text("utf-8")
    final = text.split("\nFROM ")[-1]
    assert re.search(r"^USER backbone$", final, flags=re.MULTILINE)
    assert "--require-hashes" in text
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE)
    for name in " ".join(copied).split():
        assert (root / name).exists(), name


def test_what_installs_all_else_is_pinned_with_hashes_too(root: Path) -> None:
    for name in ("Makefile", "Dockerfile"):
        text = (root / name).read_text("utf-8").replace("\\\n", "")
        [install] = re.findall(r"pip install [^\n]*installer\.lock", text)
        assert "--require-hashes" in install
        assert "uv==" not in text


def test_the_image_installs_the_project_and_starts_the_api_as_the_local_stack_does(
    root: Path, compose: dict[str, Any]
) -> None:
    dockerfile = (root / "Dockerfile").read_text("utf-8")
    before, installed, after = dockerfile.partition("--no-build-isolation --editable .")
    assert installed
    for room in ("api", "workers", "common", "backbone"):
        assert f"COPY {room} {room}" in before
    assert 'CMD ["python", "-m", "api.server"]' in after
    assert compose["services"]["api"]["command"] == "python -m api.server"


def test_only_who_may_ask_models_knows_their_keys(compose: dict[str, Any]) -> None:
    services = compose["services"].items()
    knowing = [name for name, service in services if "OPENAI_API_KEY" in str(service)]
    assert knowing == ["api", "worker"]
