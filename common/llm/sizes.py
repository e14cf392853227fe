"""How large questions are, for who estimates them without asking: bytes, as the ledger counts them.

The texts themselves are with the workers; a test holds these figures against them.
"""

from __future__ import annotations

import json
from typing import Final

from common.jobs.job import Stage

OVERHEAD_TOKENS: Final = 1500
"""What providers add to what is sent, at most: their own words about tools and formats."""
OVERHEAD_BYTES_PER_MESSAGE: Final = 32

FIXED_BYTES: Final = {Stage.DESIGN: 11_500, Stage.IMPLEMENT: 3_700}
"""Our instructions and the schema of the answer, at most."""
LONGEST_ECHO_BYTES: Final = 400_000
"""An answer that is sent back: 100,000 characters at most."""
BYTES_PER_TOKEN: Final = 128
"""The longest token that any model has is no longer."""
FINDINGS_BYTES: Final = {Stage.DESIGN: 140_000, Stage.IMPLEMENT: 40_000}
"""What is said of a faulty answer, at most."""
ECHOES_GROW: Final = {Stage.DESIGN: False, Stage.IMPLEMENT: True}
"""Whether all answers before are sent back, or the last one alone."""

_MESSAGES: Final = 2
_TAGS_BYTES: Final = 200
_ESCAPED: Final = {"<": 5, ">": 5, "&": 5, "\u2028": 3, "\u2029": 3}
_PER_TABLE_BYTES: Final = 300
_PER_COLUMN_BYTES: Final = 150


def enclosed_bytes(value: object) -> int:
    """How long a JSON value is at most where it stands between tags in a question."""
    spelt = json.dumps(value, ensure_ascii=False, indent=1)
    more = sum(each * spelt.count(mark) for mark, each in _ESCAPED.items())
    return len(spelt.encode("utf-8", "surrogatepass")) + more + _TAGS_BYTES


def described_bytes(document_bytes: int, tables: int, columns: int) -> int:
    """How long the tables of a document and one of its operations are at most, as they are told.

    A name may stand at both ends of a relationship and in the table between; relationships count
    as columns.
    """
    return 3 * document_bytes + _PER_TABLE_BYTES * (tables + 1) + _PER_COLUMN_BYTES * columns


def first_tokens(stage: Stage, told_bytes: int) -> int:
    """What the first question of a conversation reserves: no token is shorter than a byte."""
    sent = FIXED_BYTES[stage] + told_bytes
    return sent + OVERHEAD_BYTES_PER_MESSAGE * _MESSAGES + OVERHEAD_TOKENS


def repair_tokens(stage: Stage, told_bytes: int, repair: int, max_tokens: int) -> int:
    """What the question after so many faulty answers (1, …) reserves at most."""
    echo = min(LONGEST_ECHO_BYTES, BYTES_PER_TOKEN * max_tokens)
    more = echo + FINDINGS_BYTES[stage] + OVERHEAD_BYTES_PER_MESSAGE * _MESSAGES
    return first_tokens(stage, told_bytes) + more * (repair if ECHOES_GROW[stage] else 1)
