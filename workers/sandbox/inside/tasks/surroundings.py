"""What a project finds around itself while it runs in a job."""

from __future__ import annotations

import os
import secrets
import sys
from typing import Final

import sqlalchemy as sa

from ..job import Job

_OWN_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def enter_project(job: Job, *, database_url: str | None = None) -> None:
    """Make the project's folder the working directory and the first place to import from."""
    os.chdir(job.project)
    sys.path.insert(0, str(job.project))
    sys.dont_write_bytecode = True
    os.environ["TMPDIR"] = str(job.folder / "tmp")
    os.environ["HOME"] = str(job.folder)
    os.environ["JWT_SECRET"] = secrets.token_hex(32)  # which a project with users serves by
    if database_url is not None:
        os.environ["DATABASE_URL"] = database_url


def open_engine(url: str) -> sa.Engine:
    """An engine of ours for a database, whatever driver the project has for it."""
    given = sa.make_url(url)
    driver = _OWN_DRIVERS.get(given.drivername, given.drivername)
    return sa.create_engine(given.set(drivername=driver), poolclass=sa.NullPool)
