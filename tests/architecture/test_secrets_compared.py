"""Secrets are compared by `hmac.compare_digest`, to which a near miss is a miss like any."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "workers", "common", "backbone")
# By whole words of a name: `token_type` and `max_tokens` are none, `jwt_secret_key` is one.
SECRET = re.compile(
    r"(?:^|_)(?:secret|password|passwd|passphrase|credential|api_?key|token|bearer|signature|digest"
    r"|sha256|sha512|hmac|mac)$|(?:^|_)(?:secret|private|signing)_key(?:_|$)",
    re.IGNORECASE,
)
READ_BY = {"get_secret_value", "hexdigest"}
COMPARING = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
OF_A_DOCUMENT = "the digest of what a caller sent, which is no secret to that caller"
OF_A_FILE = "the digest of a file, which is no secret"
OF_SETTINGS = "settings with each other, when a process starts: nobody presents anything"
OF_A_DIGEST = "the database looks a digest up: who can't turn it round learns nothing from it"
ALLOWED = {
    "backbone/project_folder.py: "
    "hashlib.sha256(path.read_bytes()).hexdigest() == sha256": OF_A_FILE,
    "common/batches/incoming.py: line.digest not in self._jobs": OF_A_DOCUMENT,
    "common/batches/store.py: row.idempotency_sha256 != body_sha256": OF_A_DOCUMENT,
    "common/jobs/store.py: row.idempotency_sha256 != wish.body_sha256": OF_A_DOCUMENT,
    "common/keys/api_key_setting.py: api_keys.c.sha256 == wanted": OF_SETTINGS,
    "common/keys/api_key_setting.py: row.sha256 != wanted": OF_SETTINGS,
    "common/keys/store.py: api_keys.c.sha256 == digest(secret)": OF_A_DIGEST,
    "common/keys/store.py: api_keys.c.sha256 == known": OF_A_DIGEST,
    "common/llm/answers.py: llm_answers.c.input_sha256 == bindparam('sha256')": OF_A_DOCUMENT,
    "common/safe_settings.py: secret != secret.strip()": OF_SETTINGS,
    "common/safe_settings.py: secret in known_as": OF_SETTINGS,
    "common/secrets_in_text.py: '://' not in secret": OF_SETTINGS,
    "common/settings.py: "
    "_place(own.get_secret_value()) == _place(value.get_secret_value())": OF_SETTINGS,
    "common/settings.py: value.get_secret_value() == _NO_ENGINE": OF_SETTINGS,
}
"""`file: expression`, and why nobody learns anything from how long it takes."""


def names_in(node: ast.expr) -> Iterator[str]:
    """What an operand is called, or what it is read with."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as name)):
            yield name
            yield from names_in(value)
        case ast.Subscript(value=value) | ast.Await(value=value) | ast.NamedExpr(value=value):
            yield from names_in(value)
        case ast.Call(func=function, args=arguments):
            yield from names_in(function)
            for argument in arguments:
                yield from names_in(argument)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            for item in items:
                yield from names_in(item)
        case ast.BinOp(left=left, right=right):
            yield from names_in(left)
            yield from names_in(right)
        case _:
            return


def is_secret(node: ast.expr) -> bool:
    return any(name in READ_BY or SECRET.search(name) for name in names_in(node))


def comparisons(source: str) -> list[str]:
    """The comparisons of something secret in a module, as they are written."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, ops=operators, comparators=others):
                compares = any(isinstance(operator, COMPARING) for operator in operators)
                if compares and any(map(is_secret, (left, *others))):
                    found.append(ast.unparse(node))
            case ast.Match(subject=subject) if is_secret(subject):
                found.append(f"match {ast.unparse(subject)}")
    return found


def modules() -> list[Path]:
    return [
        path
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "templates" not in path.parts
    ]


def test_no_secret_is_compared_in_a_time_that_tells() -> None:
    places = {
        f"{path.relative_to(ROOT)}: {comparison}"
        for path in modules()
        for comparison in comparisons(path.read_text(encoding="utf-8"))
    }
    assert places - set(ALLOWED) == set()
    assert set(ALLOWED) - places == set(), "exceptions that are none any more"


@pytest.mark.parametrize(
    "planted",
    [
        "presented == api_key",
        "settings.api_key.get_secret_value() == sent",
        "if row.sha256 != digest(presented): raise Wrong",
        "hashlib.sha256(sent).hexdigest() == kept",
        "token in revoked",
        "sent in (password, old_password)",
        "body['secret'] == sent",
        "assert jwt_secret_key_previous == sent",
        "ok = a < b == signature",
        "match token:\n case 'x': pass",
        "str(metrics_token) == header[7:]",
    ],
)
def test_a_planted_comparison_is_found(planted: str) -> None:
    assert comparisons(planted)


@pytest.mark.parametrize(
    "innocent",
    [
        "hmac.compare_digest(sent, api_key)",
        "api_key is None",
        "used.max_tokens == 5",
        "token_type == 'bearer'",
        "len(keys) > 1",
        "key.id == key_id",
    ],
)
def test_what_is_no_secret_is_left_alone(innocent: str) -> None:
    assert comparisons(innocent) == []
