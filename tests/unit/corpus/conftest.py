"""Folders of small documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
KEY = {"name": "id", "type": "Integer", "primary_key": True}


def document(*columns: Json, **members: Any) -> Json:
    """A document of one table."""
    table = {"table_name": "things", "class_name": "Thing", "columns": list(columns)}
    return {"project_name": "test", "db_type": "sqlite", "schema": [table], **members}


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, object], Path]:
    """Writes a file below a folder of the test's own."""

    def write(name: str, content: object) -> Path:
        path = tmp_path / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write
