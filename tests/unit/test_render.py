"""Rendering: well-formed files, the same each time, and text that never becomes code."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tokenize
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers import text_filters
from workers.plan import make_plan
from workers.stages.render import TEMPLATES, render

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))
MARK = "zqxmark"
PAYLOADS = [
    f'""" + {MARK}() + """',
    f"''' + {MARK}() + '''",
    f'" + {MARK}() + "',
    f'\\" + {MARK}() #',
    f"{MARK}\\",
    f'{MARK}"',
    f'{MARK}""',
    f"first\nimport {MARK}\n    {MARK}()",
    f"first\r{MARK}()\x85{MARK}()\u2028{MARK}()\u2029{MARK}()",
    f"\u202e{MARK}\u2066",
    f"{{{{ {MARK} }}}}{{% raw %}}{{% endraw %}}{{# {MARK} #}}",
    f"${{{MARK}}} $({MARK}) `{MARK}` %({MARK})s {{{MARK}}}",
    f"--> {MARK} <!-- | {MARK} | # {MARK}",
    f"'; {MARK} --",
    f"\\N{{BULLET}} \\u0041 \\x41 \\{MARK}",
]


def files_of(document: dict[str, Any]) -> dict[str, str]:
    reading = read_document(document, DocumentLimits())
    assert reading.faults == ()
    assert reading.resolved is not None
    return render(make_plan(reading.resolved))


def example(path: Path) -> dict[str, str]:
    return files_of(json.loads(path.read_bytes()))


def document_with(text: str, db_type: str = "sqlite") -> dict[str, Any]:
    """A document that says `text` wherever a document can say anything freely."""
    condition = "note <> '" + text.replace("'", "''") + "'"
    link = {"type": "many_to_many", "description": text}
    return {
        "project_name": "case",
        "db_type": db_type,
        "description": text,
        "schema": [
            {
                "table_name": "things",
                "class_name": "Thing",
                "description": text,
                "options": {"use_timestamps": True, "use_soft_delete": True},
                "columns": [
                    {
                        "name": "id",
                        "type": "Integer",
                        "primary_key": True,
                        "autoincrement": True,
                        "description": text,
                    },
                    {"name": "note", "type": "String", "length": 200, "default": text},
                    {
                        "name": "kind",
                        "type": "Enum",
                        "values": [text, "other"],
                        "default": text,
                        "description": text,
                    },
                    {"name": "extra", "type": "JSON", "default": {text: [text, {"a": text}]}},
                ],
                "checks": [condition],
                "relationships": [
                    {**link, "target_table": "others", "target_class": "Other"},
                ],
            },
            {
                "table_name": "others",
                "class_name": "Other",
                "columns": [{"name": "id", "type": "UUID", "primary_key": True}],
            },
        ],
    }


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.stem)
def project(request: pytest.FixtureRequest) -> dict[str, str]:
    return example(request.param)


def test_has_all_that_a_project_needs(project: dict[str, str]) -> None:
    wanted = {
        ".env.example",
        ".github/workflows/ci.yml",
        ".gitignore",
        "Dockerfile",
        "README.md",
        "alembic.ini",
        "alembic/env.py",
        "alembic/script.py.mako",
        "alembic/versions/0001_create_tables.py",
        "app/core/config.py",
        "app/main.py",
        "app/models/base.py",
        "docker-compose.yml",
        "pyproject.toml",
        "requirements.lock",
    }
    assert wanted <= project.keys()
    assert "alembic/__init__.py" not in project, "it would hide the real package"


def test_is_well_formed(project: dict[str, str]) -> None:
    for path, text in project.items():
        assert text.endswith("\n") or not text, path
        assert "\r" not in text, path
        if path.endswith(".py"):
            ast.parse(text, path)
    tomllib.loads(project["pyproject.toml"])


def test_prints_its_migration_without_the_driver(project: dict[str, str]) -> None:
    """`alembic upgrade head --sql` runs where there is no driver, so nothing makes an engine."""
    imported = {
        node.module
        for node in ast.parse(project["alembic/env.py"]).body
        if isinstance(node, ast.ImportFrom)
    }
    assert "app.core.config" in imported
    assert "app.core.database" not in imported


def test_has_one_module_for_each_table() -> None:
    document = json.loads((ROOT / "examples/blog.json").read_bytes())
    files = files_of(document)
    for table in document["schema"]:
        assert (
            f'__tablename__ = "{table["table_name"]}"'
            in files[f"app/models/{table['table_name']}.py"]
        )


def test_reads_no_secret_from_its_own_files(project: dict[str, str]) -> None:
    compose = project["docker-compose.yml"]
    for line in compose.splitlines():
        if "PASSWORD:" in line and "RANDOM" not in line:
            assert ":?" in line, "a password without which it does not start"
    assert "PASSWORD=\n" in project[".env.example"] or "PASSWORD" not in project[".env.example"]


@pytest.mark.parametrize("db_type", ["mssql", "mysql", "postgresql", "sqlite"])
def test_its_container_can_change_nothing_and_become_nobody_else(db_type: str) -> None:
    files = files_of(json.loads(EXAMPLES[0].read_bytes()) | {"db_type": db_type})
    services = yaml.safe_load(files["docker-compose.yml"])["services"]
    app = services.pop("app")
    assert app["read_only"] is True
    assert app["cap_drop"] == ["ALL"]
    assert app["tmpfs"] == ["/tmp"]  # noqa: S108 - the container's
    assert app["pids_limit"] == 256
    for service in (app, *services.values()):
        assert service["security_opt"] == ["no-new-privileges:true"]
    final = files["Dockerfile"]
    assert re.search(r"^USER app$", final, re.MULTILINE)
    assert "requirements-app.lock" in final
    assert "requirements.lock" not in final


@pytest.mark.parametrize("db_type", ["mssql", "mysql", "postgresql", "sqlite"])
@pytest.mark.parametrize(("api", "auth"), [("async", "none"), ("sync", "jwt")])
def test_locks_what_it_requires_and_nothing_else(db_type: str, api: str, auth: str) -> None:
    options = {"database_api": api, "auth": auth}
    document = json.loads(EXAMPLES[0].read_bytes())
    files = files_of({**document, "db_type": db_type, "options": options})
    project = tomllib.loads(files["pyproject.toml"])
    application, everything = (
        {line.partition("==")[0] for line in files[name].splitlines() if "==" in line}
        for name in ("requirements-app.lock", "requirements.lock")
    )
    required = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    run, test = ({re.split(r"[\[<>=]", text)[0] for text in texts} for texts in required)
    assert run <= application < everything
    assert test <= everything - application
    assert ("aiosqlite" in everything) == (api == "async")
    assert {"pwdlib", "pyjwt"} & everything == ({"pwdlib", "pyjwt"} if auth == "jwt" else set())


def test_locks_by_hash_and_names_no_address() -> None:
    for lock in (TEMPLATES / "locks").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        requirements = [line for line in text.splitlines() if line and not line.startswith(" ")]
        assert all("==" in line for line in requirements)


def test_is_the_same_under_another_hash_seed() -> None:
    code = (
        "import hashlib, json, sys\n"
        "from pathlib import Path\n"
        "from common.document.limits import DocumentLimits\n"
        "from common.document.read import read_document\n"
        "from workers.plan import make_plan\n"
        "from workers.stages.render import render\n"
        "document = json.loads(Path(sys.argv[1]).read_bytes())\n"
        "files = render(make_plan(read_document(document, DocumentLimits()).resolved))\n"
        "print(hashlib.sha256(json.dumps(list(files.items())).encode()).hexdigest())\n"
    )
    path = ROOT / "examples/hostile.json"
    here = hashlib.sha256(json.dumps(list(example(path).items())).encode()).hexdigest()
    for seed in ("1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.strip() == here


def test_routes_speak_of_one_and_of_many() -> None:
    key = {"name": "id", "type": "Integer", "primary_key": True}
    track: dict[str, Any] = {"table_name": "track", "class_name": "Track", "columns": [key]}
    relationship = {"type": "many_to_many", "target_table": "playlist", "target_class": "Playlist"}
    track["relationships"] = [relationship]
    playlist = {"table_name": "playlist", "class_name": "Playlist", "columns": [key]}
    files = files_of({"project_name": "music", "db_type": "sqlite", "schema": [track, playlist]})
    assert '"""Routes of playlists."""' in files["app/api/routes/playlist.py"]
    assert "| lists playlists |" in files["README.md"]
    assert "def link_playlist_to_track(" in files["app/api/routes/track.py"]
    assert "def unlink_playlist_from_track(" in files["app/api/routes/track.py"]


@pytest.mark.parametrize("db_type", ["mssql", "mysql", "postgresql", "sqlite"])
def test_what_can_be_set_reaches_the_container(db_type: str) -> None:
    document = json.loads((ROOT / "examples/shop.json").read_bytes())
    files = files_of(document | {"db_type": db_type, "options": {"auth": "jwt"}})
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", files[".env.example"], re.MULTILINE))
    handed = set(re.findall(r"^ +([A-Z_]+): ", files["docker-compose.yml"], re.MULTILINE))
    assert named - handed == {"TEST_DATABASE_URL"}


def words_outside_of_strings(text: str) -> str:
    """Python source without its strings and comments."""
    skipped = {tokenize.STRING, tokenize.COMMENT}
    tokens = tokenize.generate_tokens(StringIO(text).readline)
    return " ".join(token.string for token in tokens if token.type not in skipped)


def assert_only_text(files: dict[str, str]) -> None:
    for path, text in files.items():
        if path.endswith(".py"):
            ast.parse(text, path)
            assert MARK not in words_outside_of_strings(text), path
            assert all(character.isprintable() or character == "\n" for character in text), path


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_never_becomes_code(payload: str) -> None:
    files = files_of(document_with(payload))
    assert_only_text(files)
    assert any(MARK in text for path, text in files.items() if path.endswith(".py"))
    assert tomllib.loads(files["pyproject.toml"])["project"]["description"] == payload
    for path in ("docker-compose.yml", "alembic.ini", "Dockerfile", ".github/workflows/ci.yml"):
        assert MARK not in files[path]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_comes_back_as_it_was(payload: str) -> None:
    """The enum's value, the default and the description are the document's, to the character."""
    files = files_of(document_with(payload))
    constants = [
        node.value
        for node in ast.walk(ast.parse(files["app/models/things.py"]))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert payload in constants
    values = [
        node.value.value
        for node in ast.walk(ast.parse(files["app/models/enums.py"]))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    ]
    assert values == [payload, "other"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(
        st.one_of(
            st.sampled_from("\"'\\{}%#$`\n\r\t|<>-:*"),
            st.characters(exclude_categories=("Cs",), exclude_characters="\x00"),
        ),
        max_size=56,
    ).filter(lambda text: len(text.encode()) <= 56)  # a value of an enum has at most 63 bytes
)
def test_no_text_breaks_the_project(text: str) -> None:
    document = document_with(MARK + text)
    reading = read_document(document, DocumentLimits())
    assert reading.resolved is not None
    assert_only_text(render(make_plan(reading.resolved)))


@given(text=st.text(max_size=200), indent=st.integers(0, 8))
def test_docstrings_hold_any_text(text: str, indent: int) -> None:
    body = text_filters.described(text, "Something.", indent)
    (statement,) = ast.parse(body).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)


@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=50))
def test_quoted_strings_are_toml(text: str) -> None:
    assert tomllib.loads(f"it = {text_filters.quoted(text)}") == {"it": text}


@given(text=st.text(max_size=100))
def test_comments_and_markdown_stay_on_their_line(text: str) -> None:
    assert len(text_filters.comment(text).splitlines()) <= 1
    line = text_filters.markdown(text)
    assert len(line.splitlines()) <= 1
    assert "|" not in line.replace("\\|", "")
    assert "<" not in line.replace("\\<", "")


def test_every_template_can_be_read() -> None:
    environment = jinja2.Environment(autoescape=True)
    for path in TEMPLATES.rglob("*.jinja"):
        environment.parse(path.read_text(encoding="utf-8"))
