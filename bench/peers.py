"""`backbone generate` beside other generators, on the same five tables, in turn.

sqlacodegen reads a SQLite database with the schema, datamodel-code-generator the JSON schema of the
five tables, fastapi-code-generator the OpenAPI document: all made from our own project. None of
them makes what we make; the goal is to take no longer all the same.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from backbone.checkout import checkout_cache
from bench.documents import document

ROUNDS = 7
PEERS = ("sqlacodegen>=4", "datamodel-code-generator>=0.65", "fastapi-code-generator>=0.8")
_INSTALL_SECONDS = 300
_DESCRIBE = """
import json
from importlib import import_module
from pathlib import Path
from pydantic.json_schema import models_json_schema
from app import models
from app.main import app
names = [path.stem for path in sorted(Path("app/schemas").glob("[!_]*.py"))]
found = [vars(import_module(f"app.schemas.{name}")) for name in names]
read = [kind for module in found for name, kind in module.items() if name.endswith("Read")]
_, schema = models_json_schema([(kind, "validation") for kind in dict.fromkeys(read)])
members = {name: {"$ref": f"#/$defs/{name}"} for name in schema["$defs"] if name.endswith("Read")}
schema |= {"title": "Everything", "type": "object", "properties": members}
Path("schema.json").write_text(json.dumps(schema))
Path("openapi.json").write_text(json.dumps(app.openapi()))
"""


@dataclass
class Side:
    """A generator, its command, and what its runs came to."""

    command: list[str]
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_mb: int = 0


def _installed() -> Path | str:
    """The programs of the other generators, or why they are not there."""
    cache = checkout_cache()
    if cache is None:
        return "the virtual environment can't be written to"
    folder = cache / "other-generators"
    programs = folder / "bin"
    if (folder / "ready").exists():
        return programs
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(programs / "python"), "-m", "pip", "install", "--quiet", *PEERS],
    )
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", b"") or b""
            reason = said.decode(errors="replace").strip().splitlines()[-1:] or [str(error)]
            return f"they can't be installed: {reason[0]}"
    (folder / "ready").touch()
    return programs


def _run(side: Side, folder: Path) -> None:
    """Run a command once and note what it took, as the operating system counts it."""
    with (folder / "said").open("wb") as said:
        start = time.perf_counter()
        process = subprocess.Popen(side.command, cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{side.command[0]}: {(folder / 'said').read_text()[-2000:]}")
    side.seconds.append(seconds)
    side.cpu_seconds.append(used.ru_utime + used.ru_stime)
    side.peak_mb = max(side.peak_mb, used.ru_maxrss // 1024)


def _prepare(folder: Path) -> list[str]:
    """Write what each generator reads into `folder`; give back our own command."""
    described = document(5, project_name="five") | {"run": {"verify": "none"}}
    (folder / "five.json").write_text(json.dumps(described))
    backbone = str(Path(sys.executable).with_name("backbone"))
    ours = [backbone, "generate", "five.json", "-o", "project", "--force"]
    project = folder / "project"
    subprocess.run(ours, cwd=folder, check=True, capture_output=True)
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(alembic, cwd=project, check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", _DESCRIBE], cwd=project, check=True)
    for name in ("five.db", "schema.json", "openapi.json"):
        (project / name).rename(folder / name)
    return ours


def measure() -> dict[str, object]:
    """Seconds, processor seconds and peak memory of each; our ratio to the fastest, in pairs."""
    programs = _installed()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sides = {"backbone": Side(_prepare(folder))}
        if isinstance(programs, Path):
            sides |= _others(programs)
        for _ in range(ROUNDS + 1):
            for side in sides.values():
                _run(side, folder)
    outcome: dict[str, object] = {
        name: {
            "seconds": round(statistics.median(side.seconds[1:]), 2),
            "cpu_seconds": round(statistics.median(side.cpu_seconds[1:]), 2),
            "peak_mb": side.peak_mb,
        }
        for name, side in sides.items()
    }
    if isinstance(programs, str):
        return outcome | {"skipped": f"the other generators: {programs}"}
    fastest = min(
        (side for name, side in sides.items() if name != "backbone"),
        key=lambda side: statistics.median(side.seconds[1:]),
    )
    ours = sides["backbone"]
    return outcome | {
        "ratio_to_fastest": _ratio(ours.seconds, fastest.seconds),
        "cpu_ratio_to_fastest": _ratio(ours.cpu_seconds, fastest.cpu_seconds),
        "goal": "<= 1",
    }


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(ours[1:], theirs[1:], strict=True)), 2)


def _others(programs: Path) -> dict[str, Side]:
    return {
        "sqlacodegen": Side(
            [str(programs / "sqlacodegen"), "sqlite:///five.db", "--outfile", "models.py"]
        ),
        "datamodel-code-generator": Side(
            [
                str(programs / "datamodel-codegen"),
                *("--input", "schema.json", "--input-file-type", "jsonschema"),
                *("--output-model-type", "pydantic_v2.BaseModel", "--output", "schemas.py"),
            ]
        ),
        "fastapi-code-generator": Side(
            [str(programs / "fastapi-codegen"), "--input", "openapi.json", "--output", "routes"]
        ),
    }
