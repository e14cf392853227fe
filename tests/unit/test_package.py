"""The zip: the same bytes for the same content, and a manifest of all of it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

from workers.stages.package import package

FILES = {"b/ü.txt": "ü\n", "a.py": "x = 1\n"}
MANIFEST = {"generator": "0.1.0", "document": {"project_name": "case"}, "checks": []}


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_holds_the_files_and_a_manifest_in_order() -> None:
    with opened(package(FILES, MANIFEST)) as archive:
        assert archive.namelist() == ["a.py", "b/ü.txt", "backbone.json"]
        assert archive.read("b/ü.txt").decode() == "ü\n"
        manifest = json.loads(archive.read("backbone.json"))
    assert manifest["document"] == {"project_name": "case"}
    assert manifest["files"] == {
        path: hashlib.sha256(text.encode()).hexdigest() for path, text in FILES.items()
    }


def test_is_the_same_whatever_the_order_was() -> None:
    backwards = dict(reversed(FILES.items()))
    assert package(FILES, MANIFEST) == package(backwards, MANIFEST)


def test_differs_where_the_content_does() -> None:
    assert package(FILES, MANIFEST) != package({**FILES, "a.py": "x = 2\n"}, MANIFEST)
    assert package(FILES, MANIFEST) != package(FILES, {**MANIFEST, "checks": ["compile"]})


def test_has_no_clock_and_no_machine_in_it() -> None:
    with opened(package(FILES, MANIFEST)) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644
            assert entry.create_system == 3
            assert entry.compress_type == zipfile.ZIP_DEFLATED
