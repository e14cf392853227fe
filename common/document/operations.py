"""Operations: their names, the tables they speak of, and the form of their examples."""

from __future__ import annotations

from common.document import names
from common.document.draft import Draft
from common.document.keys import find_table
from common.document.models import Example, Operation
from common.document.pointers import shorten

_OUTCOMES = {"returns", "status"}
_STATUSES = range(200, 600)


def check_operations(draft: Draft) -> None:
    """Note what is wrong with the operations, apart from what their code does."""
    taken: set[str] = set()
    for index, operation in enumerate(draft.source.operations):
        pointer = f"/operations/{index}"
        fault = names.attribute_fault(operation.name)
        if fault is not None:
            draft.findings.fault(f"{pointer}/name", *fault)
        elif operation.name in taken:
            draft.findings.fault(
                f"{pointer}/name",
                "duplicate_operation",
                f"There is an operation {shorten(operation.name)!r} already.",
            )
        taken.add(operation.name)
        if operation.table is not None:
            find_table(draft, operation.table, f"{pointer}/table")
        _check_values(draft, operation, pointer)
        for position, example in enumerate(operation.examples):
            _check_example(draft, example, f"{pointer}/examples/{position}")


def _check_values(draft: Draft, operation: Operation, pointer: str) -> None:
    for member, values in (("input", operation.input), ("returns", operation.returns)):
        for name in values:
            fault = names.attribute_fault(name)
            if fault is not None:
                draft.findings.fault(f"{pointer}/{member}", *fault)


def _check_example(draft: Draft, example: Example, pointer: str) -> None:
    for member, rows in (("given", example.given), ("then", example.then or {})):
        for name in rows:
            find_table(draft, name, f"{pointer}/{member}")
    outcomes = set(example.expect)
    if len(outcomes) != 1 or not outcomes <= _OUTCOMES:
        draft.findings.fault(
            f"{pointer}/expect",
            "invalid_example",
            "`expect` holds either `returns` or `status`, and nothing else.",
        )
    elif "status" in outcomes:
        status = example.expect["status"]
        if not isinstance(status, int) or isinstance(status, bool) or status not in _STATUSES:
            draft.findings.fault(
                f"{pointer}/expect/status",
                "out_of_range",
                "`status` must be an HTTP status from 200 to 599.",
            )
