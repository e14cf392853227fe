"""What the steps of one verification are given, and what they leave for each other."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from common.document.models import ProjectDocument
from workers.checks.catalogue import Step
from workers.checks.found import FoundDatabase
from workers.checks.schema import differences
from workers.checks.type_cache import TypeCache, import_everything
from workers.checks.verdicts import Finding
from workers.engines.databases import Databases
from workers.report import Outcome
from workers.sandbox.sandbox import sealed


class Materials:
    """Open files for the sandbox; a context manager that closes them."""

    def __init__(
        self,
        files: Mapping[str, str],
        document: ProjectDocument,
        cache_folder: Path,
        databases: Databases | None = None,
    ) -> None:
        self._files = files
        self._document = document
        self._databases = databases
        self._cache = TypeCache(cache_folder)
        self._cache_path = self._cache.path(files)
        self._stack = contextlib.ExitStack()
        self._project = self._sealed_project(files)
        self._database: int | None = None
        self._made_types: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def warm(self) -> bool:
        """Whether nothing has to be, or can be, worked out about third parties first."""
        return self._cache_path is None or self._cache_path.exists()

    def arguments(self, step: Step) -> dict[str, object]:
        """What a step is told: databases of its own, where it needs some."""
        if step.databases is None or self._databases is None:
            return {**step.arguments}
        urls = self._databases.urls(step.databases, step.database_count)
        return {**step.arguments, "database_urls": urls}

    def inputs(self, step: Step) -> list[int]:
        """The files that a step is given."""
        match step.task:
            case "warm_types":
                self._made_types = os.memfd_create("types", os.MFD_CLOEXEC)
                self._stack.callback(os.close, self._made_types)
                return [self._sealed_project(import_everything(self._files)), self._made_types]
            case "types" if self._cache_path is not None and self._cache_path.exists():
                cache = os.open(self._cache_path, os.O_RDONLY)
                self._stack.callback(os.close, cache)
                return [self._project, cache]
            case "reflect":
                # Nothing of the project has a say in what its database holds
                nothing = self._sealed_project({})
                return [nothing] if self._database is None else [nothing, self._database]
            case _:
                return [self._project]

    def take(self, finding: Finding) -> Finding:
        """Keep what a step made for others, and judge what can only be judged out here."""
        if finding.outcome is not Outcome.PASSED:
            return finding
        match finding.step.task:
            case "warm_types" if self._cache_path is not None and self._made_types is not None:
                self._cache.store(self._cache_path, self._made_types)
            case "migrate" if finding.step.databases is None:
                try:
                    database = base64.b64decode(str(finding.answer.get("database")), validate=True)
                except binascii.Error:
                    return _failed(finding, "the migrated database can't be read")
                self._database = self._stack.enter_context(sealed(database))
            case "reflect":
                return self._compare(finding)
            case "tests_on_server" if self._databases and not self._databases.used("tests"):
                return _failed(finding, "the tests did not open the database they were given")
        return finding

    def _compare(self, finding: Finding) -> Finding:
        answer = {name: finding.answer.get(name) for name in ("engine", "tables")}
        try:
            found = FoundDatabase.model_validate(answer)
        except ValidationError:
            return _failed(finding, "the reflected database can't be read")
        different = tuple(differences(self._document, found))
        if not different:
            return finding
        reason = f"{len(different)} differences between the document and the database"
        return replace(_failed(finding, reason), details=different[:100])

    def _sealed_project(self, files: Mapping[str, str]) -> int:
        return self._stack.enter_context(sealed(json.dumps(dict(files)).encode()))


def _failed(finding: Finding, reason: str) -> Finding:
    return replace(finding, outcome=Outcome.FAILED, reason=reason)
