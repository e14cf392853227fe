"""docker-compose.yml and the image keep their promises, as far as reading them can tell."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.settings import Settings

MODELS = {"OPENAI_API_KEY", "ANTHROPIC_API_KEY"}
AT_TIMES = {"JWT_SECRET_KEY_PREVIOUS", "METRICS_TOKEN"}
SERVICES = {"api", "worker", "beat", "flower", "redis", "postgres"}


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((root / "docker-compose.yml").read_text("utf-8"))
    return loaded


def test_every_service_is_there_and_says_when_it_is_healthy(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == SERVICES
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
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_variables_are_settings(compose: dict[str, Any]) -> None:
    known = {name.upper() for name in Settings.model_fields} | {"REMAP_SIGTERM"}
    for name in ("api", "worker", "beat"):
        assert set(compose["services"][name]["environment"]) <= known


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


def test_uv_is_the_same_everywhere(root: Path) -> None:
    found = {
        version
        for name in ("Makefile", "Dockerfile")
        for version in re.findall(r"(?:uv==|UV_VERSION := )(\d[\d.]+)", (root / name).read_text())
    }
    assert len(found) == 1


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
