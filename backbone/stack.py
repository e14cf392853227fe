"""What `backbone up` runs: which programs, with which settings and secrets, in which order."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from backbone.bundled_valkey import valkey_program, valkey_url
from backbone.child import Program
from backbone.data_folder import PREVIOUS_JWT_SECRET, DataFolder
from backbone.ports import choose, listen
from common.llm.settings import LlmSettings
from common.safe_settings import refuse_unsafe
from common.settings import Settings, as_environment, environment_without_settings

FLOWER_USER: Final = "backbone"
_FOR_THE_API: Final = frozenset(
    {"API_KEY", "JWT_SECRET_KEY", "JWT_SECRET_KEY_PREVIOUS", "METRICS_TOKEN", "FLOWER_PASSWORD"}
)
STOP_ORDER: Final = (("api",), ("worker", "beat", "flower"), ("valkey",))


@dataclass(frozen=True)
class Stack:
    """Everything that is decided before anything is started."""

    settings: Settings
    """With all secrets, addresses and ports filled in."""
    programs: tuple[Program, ...]
    """In the order of their start; the bundled queue, where it is used, first."""
    api_socket: socket.socket
    valkey_port: int | None
    """None when `REDIS_URL` says where the queue is."""
    made_api_key: str | None
    """The key of the caller `default`, where nobody had set one and it is asked for."""

    @property
    def api_url(self) -> str:
        """Where the API is reached from this machine."""
        return f"http://{_reachable(self.settings.api_host)}:{self.settings.api_port}"

    @property
    def flower_url(self) -> str:
        """Where Flower is reached from this machine."""
        return f"http://127.0.0.1:{self.settings.flower_port}"


def plan_stack(settings: Settings, folder: DataFolder) -> Stack:
    """Fill in what `settings` leaves open, take the API's port, and say what is to be run.

    Raises SettingsError for unsafe settings and PortTakenError; nothing has been started then.
    """
    refuse_unsafe(settings)
    kept = folder.secrets()
    bundled = settings.redis_url is None
    valkey_port = choose("127.0.0.1", 0, setting="the bundled Valkey") if bundled else None
    flower_port = choose("127.0.0.1", settings.flower_port, setting="FLOWER_PORT")
    api_socket = listen(settings.api_host, settings.api_port, setting="API_PORT")
    made: dict[str, object] = {
        "data_dir": folder.path,
        "api_port": api_socket.getsockname()[1],
        "flower_port": flower_port,
        "database_url": SecretStr(settings.effective_database_url),
        "artifact_url": settings.effective_artifact_url,
    }
    for name in ("api_key", "jwt_secret_key", "flower_password"):
        made[name] = getattr(settings, name) or SecretStr(kept[name])
    if settings.jwt_secret_key is None and (previous := kept.get(PREVIOUS_JWT_SECRET)):
        made[PREVIOUS_JWT_SECRET] = settings.jwt_secret_key_previous or SecretStr(previous)
    if valkey_port is not None:
        made["redis_url"] = SecretStr(valkey_url(valkey_port, kept["valkey_password"]))
    made["celery_broker_url"] = settings.celery_broker_url or made.get(
        "redis_url", settings.redis_url
    )
    full = settings.model_copy(update=made)
    try:
        refuse_unsafe(full)
        programs = _programs(full, folder, api_socket)
        if valkey_port is not None:
            valkey = valkey_program(folder.path / "valkey", valkey_port, kept["valkey_password"])
            programs = (valkey, *programs)
    except BaseException:
        api_socket.close()
        raise
    made_key = settings.api_key is None and settings.enable_auth
    return Stack(full, programs, api_socket, valkey_port, kept["api_key"] if made_key else None)


def _programs(full: Settings, folder: DataFolder, api_socket: socket.socket) -> tuple[Program, ...]:
    celery = (sys.executable, "-m", "celery", "-A", "workers.app")
    surroundings = environment_without_settings() | {"PYTHONUNBUFFERED": "1"}
    everything = surroundings | as_environment(full)
    without_keys = {name: value for name, value in everything.items() if name not in _FOR_THE_API}
    without_models = {  # beat asks nobody
        name: value
        for name, value in without_keys.items()
        if name.lower() not in LlmSettings.model_fields
    }
    beat_folder = folder.path / "beat"
    beat_folder.mkdir(exist_ok=True)
    level = full.log_level.lower()
    return (
        Program(
            "api",
            (sys.executable, "-m", "api.server", str(api_socket.fileno())),
            environment=everything,
            folder=folder.path,
            stop_within_seconds=4,
            files=(api_socket.fileno(),),
        ),
        Program(
            "worker",
            (
                *celery,
                "worker",
                "--pool=prefork",
                f"--concurrency={full.worker_processes}",
                f"--loglevel={level}",
                "--without-gossip",
            ),
            environment=without_keys | {"REMAP_SIGTERM": "SIGQUIT"},
            folder=folder.path,
            stop_within_seconds=6,
        ),
        Program(
            "beat",
            (
                *celery,
                "beat",
                f"--loglevel={level}",
                f"--schedule={beat_folder / 'schedule'}",
            ),
            environment=without_models,
            folder=folder.path,
            stop_within_seconds=6,
        ),
        _flower(full, folder.path, surroundings),
    )


def _flower(full: Settings, data_folder: Path, surroundings: dict[str, str]) -> Program:
    place = data_folder / "flower"
    place.mkdir(exist_ok=True)
    password = full.flower_password.get_secret_value() if full.flower_password else ""
    broker = full.effective_broker_url or ""
    return Program(
        "flower",
        (sys.executable, "-m", "celery", "flower"),
        environment=surroundings
        | {
            "CELERY_BROKER_URL": broker,
            "FLOWER_ADDRESS": "127.0.0.1",
            "FLOWER_PORT": str(full.flower_port),
            "FLOWER_BASIC_AUTH": f"{FLOWER_USER}:{password}",
            "FLOWER_READ_ONLY": "true",
            "FLOWER_PERSISTENT": "true",
            "FLOWER_DB": str(place / "state"),
            "FLOWER_STATE_SAVE_INTERVAL": "10000",
        },
        folder=place,
        stop_within_seconds=6,
    )


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
