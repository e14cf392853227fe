"""The lines of a batch: taken apart as they come in, each checked as `/generate` would check it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Final

from api.submission import check_submission, invalid, job_to_record
from common.batches.lines import NewLine
from common.document.limits import DocumentLimits
from common.document.pointers import kind_of, nearest, pointer_to
from common.document.strict_json import MAX_DEPTH, parse_json
from common.errors import Fault, RequestError
from common.jobs.new_job import NewJob
from common.secrets_in_text import cover_credentials

MAX_CUSTOM_ID_LENGTH: Final = 200
_MEMBERS: Final = ("custom_id", "body")
_MOST_FAULTS: Final = 100
"""Of one line."""
_MANY_FAULTS: Final = 20_000
"""Of all lines: once so many are listed, each further line lists few."""
_FEW_FAULTS: Final = 3
_BLANK: Final = b" \t\r"

Text = tuple[int, bytes | None]
"""A line by its number, counted from 1; None for one that is too long to be read."""


class LineSplitter:
    """Lines out of pieces of bytes. Keeps no more than one unfinished line."""

    def __init__(self, longest_bytes: int) -> None:
        self._longest = longest_bytes
        self._blank_lines = re.compile(rb"(?:[ \t\r]{0,%d}+\n)++" % min(longest_bytes, 1000))
        self._rest = bytearray()
        self._too_long = False
        self._number = 0

    def feed(self, piece: bytes) -> Iterator[Text]:
        """The lines that end in this piece; blank ones are counted and left out."""
        start = 0
        while True:
            if not self._rest and not self._too_long:
                start = self._skip_blank(piece, start)
            stop = piece.find(b"\n", start)
            if stop < 0:
                break
            yield from self._end(piece[start:stop])
            start = stop + 1
        self._keep(piece[start:])

    def end(self) -> Iterator[Text]:
        """The last line, if it did not end with a line feed."""
        if self._rest or self._too_long:
            yield from self._end(b"")

    def _skip_blank(self, piece: bytes, start: int) -> int:
        """Where the first line after `start` begins that is not blank: millions cost no time."""
        blank = self._blank_lines.match(piece, start)
        if blank is None:
            return start
        self._number += piece.count(b"\n", start, blank.end())
        return blank.end()

    def _keep(self, part: bytes) -> None:
        if not self._too_long:
            self._rest += part
            if len(self._rest) > self._longest:
                self._too_long = True
                self._rest.clear()

    def _end(self, part: bytes) -> Iterator[Text]:
        self._number += 1
        if self._rest or self._too_long or len(part) > self._longest:
            self._keep(part)
            line, too_long = bytes(self._rest), self._too_long
            self._rest.clear()
            self._too_long = False
        else:
            line, too_long = part, False
        if too_long:
            yield self._number, None
        elif line := line.strip(_BLANK):
            yield self._number, line


class LineReader:
    """Checks lines one after another; knows the custom_ids that came before."""

    def __init__(self, caller_id: str, limits: DocumentLimits, longest_bytes: int) -> None:
        self._caller_id = caller_id
        self._limits = limits
        self.longest_bytes = longest_bytes
        self._seen: dict[bytes, int] = {}
        self._listed_count = 0

    def read(self, number: int, text: bytes | None) -> NewLine:
        """The line of JSON Lines, checked; nothing is raised for what is wrong with it."""
        if text is None:
            message = f"The line is longer than {self.longest_bytes} bytes."
            return NewLine(number, None, faults=(Fault("", "line_too_long", message),))
        try:
            value = parse_json(text, max_depth=MAX_DEPTH + 1, noun="line")
        except RequestError as error:
            return NewLine(number, None, faults=self._listed(error.faults))
        return self.check(number, value)

    def check(self, number: int, value: object) -> NewLine:
        """The same for a line that is a JSON value already."""
        if not isinstance(value, dict):
            message = f"A line is an object with custom_id and body, not {kind_of(value)}."
            return NewLine(number, None, faults=(Fault("", "wrong_type", message),))
        faults = _unknown_members(value)
        custom_id = self._read_custom_id(number, value, faults)
        job: NewJob | None = None
        if "body" not in value:
            faults.append(Fault("", "missing_member", "`body` is missing: the document to run."))
        else:
            job = self._read_body(value["body"], faults)
        if faults or job is None:
            return NewLine(number, custom_id, faults=self._listed(faults))
        return NewLine(number, custom_id, job, _digest(job))

    def _read_custom_id(
        self, number: int, value: dict[str, object], faults: list[Fault]
    ) -> str | None:
        """The line's own name, if it can be one."""
        custom_id = value.get("custom_id")
        code, message = "", ""
        if "custom_id" not in value:
            message = "`custom_id` is missing: your name for the line."
            faults.append(Fault("", "missing_member", message))
            return None
        if not isinstance(custom_id, str):
            code, message = "wrong_type", f"A custom_id is a string, not {kind_of(custom_id)}."
        elif not custom_id.strip():
            code, message = "empty", "A custom_id is not empty."
        elif len(custom_id) > MAX_CUSTOM_ID_LENGTH:
            code = "too_long"
            message = f"A custom_id has at most {MAX_CUSTOM_ID_LENGTH} characters."
        elif not custom_id.isprintable():
            code, message = "not_printable", "A custom_id has printable characters only."
        if code:
            faults.append(Fault("/custom_id", code, message))
            return None
        assert isinstance(custom_id, str)  # noqa: S101 - told above
        # Digests, so that many long names take little memory
        digest = hashlib.blake2b(custom_id.encode(), digest_size=16).digest()
        earlier = self._seen.setdefault(digest, number)
        if earlier != number:
            message = f"Line {earlier} has the same custom_id."
            faults.append(Fault("/custom_id", "duplicate_custom_id", message))
        return custom_id

    def _read_body(self, body: object, faults: list[Fault]) -> NewJob | None:
        try:
            submission = check_submission(body, self._limits)
            if not submission.faults:
                return job_to_record(self._caller_id, submission)
            error = invalid(submission.faults)
        except RequestError as refused:
            error = refused
        found: Sequence[Fault] = error.faults or (Fault("", error.code, error.detail),)
        faults += [replace(fault, pointer=f"/body{fault.pointer}") for fault in found]
        return None

    def _listed(self, faults: Sequence[Fault]) -> tuple[Fault, ...]:
        """The first of them, and how many more there are."""
        most = _MOST_FAULTS if self._listed_count < _MANY_FAULTS else _FEW_FAULTS
        listed = tuple(map(_covered, faults[:most]))
        self._listed_count += len(listed)
        more = len(faults) - len(listed)
        if not more:
            return listed
        return (*listed, Fault("", "more_faults", f"{more} further faults are not listed."))


def _unknown_members(value: dict[str, object]) -> list[Fault]:
    unknown = [name for name in value if name not in _MEMBERS]
    faults = [
        Fault(
            pointer_to((name[:100],)),
            "unknown_member",
            f"A line has custom_id and body, and nothing else.{nearest(name, _MEMBERS)}",
        )
        for name in unknown[:_MOST_FAULTS]
    ]
    # The others are counted and not listed: one stands for them all.
    return faults + faults[-1:] * (len(unknown) - len(faults))


def _covered(fault: Fault) -> Fault:
    """As it is kept and told: without a credential that stood in the wrong place."""
    pointer, message = cover_credentials(fault.pointer), cover_credentials(fault.message)
    return replace(fault, pointer=pointer, message=message)


def _digest(job: NewJob) -> bytes:
    """What tells apart jobs that would come to the same: the document, and what was odd about it.

    The warnings belong to it because they are shown with the job.
    """
    warnings = [asdict(warning) for warning in job.warnings]
    canonical = json.dumps([job.document, warnings], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()
