"""Bodies that are made to cost more than they weigh, and a process that weighs them.

`python -m tests.security.bombs BYTES` reads each as the API does and prints, as JSON, by its name:
seconds of the processor, bytes of memory at the peak, and the code of the error.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.strict_json import parse_json
from common.errors import RequestError
from tests.security.heavy_documents import DOCUMENTS, Document

INNOCENT = "innocent"
_MERSENNE = 2**61 - 1
"""What Python's hashes of numbers are the rest of a division by."""


def _filled(unit: bytes, before: bytes = b"[", after: bytes = b"0]") -> Callable[[int], bytes]:
    return lambda size: before + unit * ((size - len(before) - len(after)) // len(unit)) + after


def _members(name: Callable[[int], str]) -> Callable[[int], bytes]:
    def pairs(size: int) -> Iterator[str]:
        for number in count():
            pair = f'"{name(number)}":0'
            size -= len(pair) + 1
            if size < 0:
                return
            yield pair

    return lambda size: f"{{{','.join(pairs(size))}}}".encode()


def _innocent(size: int) -> bytes:
    """A document with as much prose as goes into `size` bytes."""
    prose = "A column that says what it is for, in some words. " * 10
    columns = [
        {"name": f"column_{number}", "type": "String", "length": 50, "description": prose}
        for number in range(99)
    ]
    key = {"name": "id", "type": "Integer", "primary_key": True}
    table_bytes = len(json.dumps(columns)) + 200
    tables = [
        {"table_name": f"table_{number}", "class_name": f"T{number}", "columns": [key, *columns]}
        for number in range(size // table_bytes)
    ]
    document = {"project_name": "prose", "db_type": "sqlite", "schema": tables}
    return json.dumps(document).encode().ljust(size)


def _padded(make: Callable[[], Document]) -> Callable[[int], bytes]:
    return lambda size: json.dumps(make(), separators=(",", ":")).encode().ljust(size)


BODIES: dict[str, Callable[[int], bytes]] = {
    INNOCENT: _innocent,
    "brackets": lambda size: b"[" * size,
    "brackets and names": _filled(b'{"a":', b"", b""),
    "brackets, closed": lambda size: b"[" * (size // 2) + b"]" * (size // 2),
    "deep ones side by side": _filled(b"[" * 90 + b"]" * 90 + b","),
    "many names": _members(str),
    "names whose numbers collide": _members(lambda number: str(number * _MERSENNE)),
    "the same name": _members(lambda _: "name"),
    "names with null bytes": _members(lambda number: f"\\u0000{number}"),
    "objects with a name twice": _filled(b'{"a":0,"a":0},'),
    "a number of digits": lambda size: b"9" * size,
    "numbers as long as they may be": _filled(b"9" * 4300 + b","),
    "a fraction of digits": lambda size: b"0." + b"1" * (size - 2),
    "an exponent of digits": lambda size: b"1e" + b"9" * (size - 2),
    "a number close to another": lambda size: b"9007199254740993." + b"0" * (size - 18) + b"1",
    "infinite numbers": _filled(b"1e400000,"),
    "no numbers": _filled(b"NaN,"),
    "small numbers": _filled(b"1,"),
    "empty arrays": _filled(b"[],"),
    "empty objects": _filled(b"{},"),
    "small strings": _filled(b'"a",'),
    "null bytes": _filled(b'"\\u0000",'),
    "half characters": _filled(b'"\\ud800",'),
    "escapes": _filled(b"\\u0041", b'"', b'"'),
    "backslashes": _filled(b"\\\\", b'"', b'"'),
    "quotes": lambda size: b'"' * size,
    "escaped quotes without an end": _filled(b'\\"', b'"', b""),
    "brackets in strings": _filled(b'"[[[[[[[[",'),
    "a long string": _filled(b"a", b'"', b'"'),
    "characters that grow": _filled("ΐ".encode(), b'"', b'"'),
    "suspicious strings": _filled(b'"drop table",'),
    "the beginning of a pattern": _filled(b"drop ", b'["', b'"]'),
    "a pattern with a gap": _filled(b" ", b'["drop', b'x"]'),
    "tables that are none": _filled(b"{},", b'{"schema":[', b"0]}"),
    "unknown members of a table": lambda size: b'{"schema":[%s]}' % _members(str)(size - 13),
    "blanks": lambda size: b" " * size,
    "not UTF-8": lambda size: b'"' + b"\xff" * (size - 2) + b'"',
    "checks": _filled(b'"id in (1,1,1)",', b'{"schema":[{"checks":[', b'"id=1"]}]}'),
    "checks that nest": _filled(b"(", b'{"schema":[{"checks":["', b'"]}]}'),
    **{name: _padded(make) for name, make in DOCUMENTS.items()},
}


def _peak_bytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def _weigh(body: bytes) -> tuple[float, int, str | None]:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    code = None
    before, began_at = _peak_bytes(), time.process_time()
    try:
        read_document(parse_json(body), DocumentLimits())
    except RequestError as error:
        code = error.code
    return time.process_time() - began_at, _peak_bytes() - before, code


def main(size: int) -> None:
    """Weigh all of them, the innocent one first and last, of which the slower counts."""
    weighed = {name: _weigh(make(size)) for name, make in BODIES.items()}
    weighed[INNOCENT] = max(weighed[INNOCENT], _weigh(BODIES[INNOCENT](size)))
    json.dump(weighed, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
