"""Whatever is sent is answered soon: with 202 or with pointers to what is wrong, never with 5xx."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract import hostile
from tests.contract.hostile import Hostile

FOLDER = os.environ.get("CORPUS_DIR")
TIMES_AS_LONG = 40
"""As the largest innocent one"""
GROUPS = {
    name.lower(): group
    for name, group in vars(hostile).items()
    if name.isupper() and isinstance(group, list) and group is not hostile.HOSTILE
}


def from_outside() -> list[Hostile]:
    """The bodies of `EXPECT.tsv`, with what it says of each."""
    found = []
    for said in sorted(Path(str(FOLDER)).rglob("EXPECT.tsv")):
        with said.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                where = re.sub(r"\[(\d+)\]", r".\1", row["where"]).strip(".")
                place = "/" + where.replace(".", "/") if where else None
                body = said.with_name(row["file"]).read_bytes()
                found.append(Hostile(row["file"], body, row["expect"], place))  # type: ignore[arg-type]
    return found


def near(pointer: str, place: str) -> bool:
    parent, own = (one.rpartition("/")[0] for one in (place, pointer))
    return pointer in {place, parent} or own == place


async def timed(api: Any, path: str, sent: Hostile) -> tuple[Any, float]:
    """The answer to one body, and how many seconds of the processor it took."""
    # Not of the clock, since others use the machine as well; the API runs in this process
    began_at = time.process_time()
    answer = await api.client.post(f"/api/v1/{path}", content=sent.body, headers=api.good)
    return answer, time.process_time() - began_at


async def complaint(api: Any, sent: Hostile, most_seconds: float) -> str | None:
    """What is not right about the answers to one body."""
    asked = [await timed(api, path, sent) for path in ("generate", "validate")]
    answers, seconds = zip(*asked, strict=True)
    if max(seconds) > most_seconds:
        return f"took {seconds} s"
    return disagreement(*answers) or unexpected(answers[0], sent)


def disagreement(generated: Any, validated: Any) -> str | None:
    """In what the two calls differ that say the same in two ways."""
    statuses = (generated.status_code, validated.status_code)
    if statuses not in {(202, 200), (422, 200), (400, 400), (413, 413)}:
        return f"answered {statuses}"
    found = generated.json().get("errors", [])
    if validated.json().get("errors", []) != found:
        return "generate and validate find other faults"
    if validated.json().get("valid", False) is not (statuses[0] == 202):
        return "generate and validate disagree"
    return None


def unexpected(answer: Any, sent: Hostile) -> str | None:
    """In what an answer is not what has to come of the body."""
    if answer.status_code == 202:
        return "accepted" if sent.expect == "reject" else None
    if answer.headers["content-type"] != "application/problem+json" or len(answer.text) > 400_000:
        return f"{len(answer.text)} characters of {answer.headers['content-type']}"
    pointers = [fault["pointer"] for fault in answer.json().get("errors", ())]
    if sent.expect == "reject":
        found = sent.place is None or any(near(one, sent.place) for one in pointers)
        return None if found else f"points at {pointers}"
    return f"refused: {answer.text[:300]}" if sent.expect == "accept" else None


@pytest.fixture
async def patient_api(start_api: Any) -> Any:
    """The API with limits too high to be met here."""
    often = "100000/minute"
    return await start_api(
        rate_limit_generation=often, rate_limit_validation=often, rate_limit_authenticated=often
    )


async def complaints(api: Any, group: list[Hostile]) -> dict[str, str]:
    _, innocent_seconds = await timed(api, "validate", hostile.LARGE[0])
    most_seconds = TIMES_AS_LONG * innocent_seconds
    found = {sent.name: await complaint(api, sent, most_seconds) for sent in group}
    return {name: said for name, said in found.items() if said is not None}


@pytest.mark.parametrize("group", GROUPS)
async def test_hostile_documents(patient_api: Any, group: str) -> None:
    assert await complaints(patient_api, GROUPS[group]) == {}


@pytest.mark.long
@pytest.mark.skipif(FOLDER is None, reason="no corpus; run with CORPUS_DIR=<folder> to send one")
async def test_hostile_documents_from_outside(patient_api: Any) -> None:
    group = from_outside()
    assert group
    assert await complaints(patient_api, group) == {}


@pytest.mark.long
def test_what_was_accepted_passes_every_check(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    rows = ["file\texpect"]
    for number, sent in enumerate(hostile.HOSTILE):
        if sent.expect != "reject" and sent not in hostile.LARGE:
            (folder / f"{number}.json").write_bytes(sent.body)
            rows.append(f"{number}.json\t{sent.expect}")
    (folder / "EXPECT.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "backbone", "corpus", folder, "--results", tmp_path / "results"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
