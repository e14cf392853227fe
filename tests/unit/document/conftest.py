"""Short words for building documents, and for reading them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.read import Reading, read_document
from common.document.strict_json import parse_json
from common.errors import RequestError

Json = dict[str, Any]


class Maker:
    """Parts of documents with what they need at least; everything else is given by name."""

    @staticmethod
    def document(*tables: Json, **members: Any) -> Json:
        return {"project_name": "test", "db_type": "postgresql", "schema": list(tables), **members}

    @staticmethod
    def table(name: str, *columns: Json, **members: Any) -> Json:
        key = {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True}
        has_key = any(column.get("primary_key") for column in columns)
        return {
            "table_name": name,
            "class_name": "".join(word.capitalize() for word in name.split("_")),
            "columns": list(columns) if has_key else [key, *columns],
            **members,
        }

    @staticmethod
    def column(name: str, kind: str = "Integer", **members: Any) -> Json:
        return {"name": name, "type": kind, **members}

    @staticmethod
    def key(name: str, target: str, **members: Any) -> Json:
        return {"name": name, "type": "ForeignKey", "target": target, **members}

    @staticmethod
    def relationship(table: str, kind: str, **members: Any) -> Json:
        named = "".join(word.capitalize() for word in table.split("_"))
        return {"target_table": table, "target_class": named, "type": kind, **members}


@pytest.fixture(scope="session")
def make() -> type[Maker]:
    return Maker


@pytest.fixture(scope="session")
def read() -> Callable[[object], Reading]:
    """Read with the usual limits."""
    return lambda raw: read_document(raw, DocumentLimits())


@pytest.fixture(scope="session")
def resolve(read):
    """What a document means, which must have no faults."""

    def resolved(raw):
        reading = read(raw)
        assert reading.faults == ()
        return reading.resolved

    return resolved


@pytest.fixture(scope="session")
def faults(read):
    """(pointer, code) of every fault of a document."""
    return lambda raw: {(fault.pointer, fault.code) for fault in read(raw).faults}


@pytest.fixture(scope="session")
def warnings(read):
    """(pointer, code) of every warning of a document that has no faults."""

    def found(raw):
        reading = read(raw)
        assert reading.faults == ()
        return {(warning.pointer, warning.code) for warning in reading.warnings}

    return found


@pytest.fixture(scope="session")
def refusal():
    """The RequestError that reading these bytes ends in."""

    def refused(body: bytes) -> RequestError:
        with pytest.raises(RequestError) as caught:
            read_document(parse_json(body), DocumentLimits())
        return caught.value

    return refused
