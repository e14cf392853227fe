"""SECURITY.md and docs/security.md say what somebody has to do, and it can be done."""

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from backbone.main import cli
from common.settings import Settings

ROOT = Path(__file__).parents[2]
WITHIN = {
    "you are told that it was received": "24 hours",
    "you are told what we think of it, and how severe it is": "72 hours",
    "it is fixed, from then on: critical": "immediately",
    "high": "7 days",
    "medium": "30 days",
    "low": "the next release",
}

FIRST_PAGE = {
    "ENABLE_AUTH": True,
    "API_KEY": None,
    "JWT_SECRET_KEY": None,
    "JWT_ALGORITHM": "HS256",
    "JWT_EXPIRATION_HOURS": 24,
    "ENABLE_RATE_LIMITING": True,
    "MAX_JSON_SIZE": 10_485_760,
    "MAX_TABLES": 50,
    "MAX_COLUMNS_PER_TABLE": 100,
    "MAX_RELATIONSHIPS_PER_TABLE": 50,
    "CORS_ORIGINS": (),
    "CORS_ALLOW_CREDENTIALS": True,
    "ENABLE_SECURITY_HEADERS": True,
    "RATE_LIMIT_PUBLIC": "20/minute",
    "RATE_LIMIT_AUTHENTICATED": "100/minute",
}
"""What it had in `.env`, with its defaults; of secrets and origins those of nobody."""


def section(page: str, title: str) -> str:
    """What stands under a heading, up to the next."""
    text = (ROOT / page).read_text(encoding="utf-8")
    assert f"\n## {title}\n" in text, f"{page} has no section {title}"
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(text: str) -> dict[str, str]:
    """Its first two columns, without its head."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return {row[0]: row[1] for row in rows[2:]}


def test_the_settings_of_the_first_page_are_ours() -> None:
    defaults = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    assert {name: defaults.get(name, "none") for name in FIRST_PAGE} == FIRST_PAGE


def test_how_a_vulnerability_is_reported_and_how_not() -> None:
    text = section("SECURITY.md", "Reporting a vulnerability")
    assert text.lstrip().startswith("Don't open a public issue, and tell nobody else")
    assert "](https://github.com/vidinsight-miniflow/BackBone-AI/security/advisories/new)" in text
    wanted = re.findall(r"^- (.*)", text, re.MULTILINE)
    for word, said in zip(
        ("what it is", "reproduce", "could do with it", "fixed"), wanted, strict=True
    ):
        assert word in said


def test_how_soon_what_happens_by_severity() -> None:
    said = table(section("SECURITY.md", "What happens then"))
    assert said.keys() == WITHIN.keys()
    for what, within in WITHIN.items():
        assert said[what].partition(":")[0] == within
    text = " ".join(section("SECURITY.md", "What happens then").split())
    assert "The same spans hold for vulnerabilities of packages that the platform pins" in text


def test_which_versions_are_supported_and_what_this_one_changed() -> None:
    supported = table(section("SECURITY.md", "Supported versions"))
    assert [answer[:3].strip(":") for answer in supported.values()] == ["yes", "no"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changes = table(section("SECURITY.md", "Changes"))
    assert version in changes.values()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in changes)


def test_where_questions_go() -> None:
    text = section("SECURITY.md", "Questions")
    assert "](https://github.com/vidinsight-miniflow/BackBone-AI/issues)" in text
    for path in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / path).exists(), path


def test_no_secret_gets_into_the_repository_by_accident() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".env", "var/", "incident/", "*.db"} <= set(ignored)
    assert not [line for line in ignored if line.startswith("!")]


QUARTERLY = [
    line.removeprefix("$ ").partition("#")[0].strip()
    for line in re.findall(
        r"^\$ .*$", section("docs/security.md", "Every quarter"), flags=re.MULTILINE
    )
]


def test_the_audit_of_a_quarter_looks_at_code_packages_keys_and_callers() -> None:
    assert {line.split()[0] for line in QUARTERLY} >= {"make", "backbone"}
    assert len(QUARTERLY) >= 5


@pytest.mark.parametrize("line", QUARTERLY)
def test_a_command_of_it_is_one_that_there_is(line: str) -> None:
    program, *words = shlex.split(line)
    if program == "make":
        makefile = (ROOT / "Makefile").read_text("utf-8")
        for target in words:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        return
    assert program == "backbone"
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command, context = found, click.Context(found, parent=context, info_name=found.name)
    command.make_context(command.name, words)
