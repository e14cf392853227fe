"""What mypy knows of third parties, worked out once and lent to every project."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

# Whatever else a project imports, mypy works out for that project alone
_IMPORTS: Final = (
    "alembic",
    "alembic.config",
    "argparse",
    "asyncio",
    "fastapi",
    "fastapi.concurrency",
    "fastapi.encoders",
    "fastapi.exceptions",
    "fastapi.middleware.cors",
    "fastapi.openapi.utils",
    "fastapi.responses",
    "fastapi.security",
    "fastapi.testclient",
    "getpass",
    "httpx",
    "jwt",
    "logging.config",
    "pwdlib",
    "pwdlib.hashers.argon2",
    "pydantic",
    "pydantic_core",
    "pydantic_settings",
    "pytest",
    "pytest_asyncio",
    "sqlalchemy",
    "sqlalchemy.dialects.mssql",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.engine",
    "sqlalchemy.exc",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "sqlalchemy.pool",
    "starlette.exceptions",
    "starlette.types",
    "uuid",
)
_NOT_FOR_OTHERS: Final = ("files", "packages", "modules", "exclude")


class TypeCache:
    """A folder with one file for each set of mypy settings and installed versions.

    Files appear whole or not at all, so that several processes can make the same one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, files: Mapping[str, str]) -> Path | None:
        """Where the file for a project's settings is or would be; None if it can't be told."""
        try:
            settings = tomllib.loads(files.get("pyproject.toml", ""))
        except tomllib.TOMLDecodeError:
            return None
        own = settings.get("tool", {}).get("mypy", {})
        if not isinstance(own, dict):
            return None
        shared = {name: own[name] for name in sorted(own) if name not in _NOT_FOR_OTHERS}
        said = json.dumps([shared, _IMPORTS, _installed()], sort_keys=True, default=str)
        return self._folder / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.tar"

    @staticmethod
    def store(path: Path, made: int) -> None:
        """Keep what was written to the open file `made`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(os.pread(made, os.fstat(made).st_size, 0))
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise


def import_everything(files: Mapping[str, str]) -> dict[str, str]:
    """A project that imports third parties and does nothing, under the settings of another one."""
    imports = "".join(f"import {name}\n" for name in _IMPORTS)
    return {"pyproject.toml": files.get("pyproject.toml", ""), "imports.py": imports}


@functools.cache
def _installed() -> tuple[str, ...]:
    """The interpreter, and each package with its version."""
    packages = {f"{each.name}=={each.version}" for each in metadata.distributions()}
    return (sys.version, *sorted(packages))
