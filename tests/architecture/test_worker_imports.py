"""A worker that runs a job without a model imports no package of one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.test_api_imports import FORBIDDEN

ROOT = Path(__file__).parents[2]
RUN_A_JOB = """
import sys
from celery import Celery
from common import clock
from common.callers import CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.jobs.new_job import NewJob
from common.jobs.store import JobStore
from common.settings import Settings
from workers.worker_process import WorkerProcess

document = {
    "project_name": "notes",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "notes",
            "class_name": "Note",
            "columns": [{"name": "id", "type": "Integer", "primary_key": True}],
        }
    ],
    "run": {"verify": "none"},
}
settings = Settings(
    _env_file=None, data_dir=sys.argv[1], default_llm_provider="openai", openai_api_key="k" * 32
)
engine = make_engine(settings.effective_database_url)
migrate(engine)
store = JobStore(engine, clock.now)
caller = CallerStore(engine, clock.now).ensure("local").id
job = store.submit(NewJob(caller, document)).job
worker = WorkerProcess(settings, Celery())
worker.run(job.id)
worker.close()
print(store.get(caller, job.id).status)
print("\\n".join(sorted(sys.modules)))
"""
OF_A_WORKER = {"workers", "jinja2", "backbone"}


def test_what_a_job_without_a_model_imports(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_A_JOB, str(tmp_path)],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status, *modules = done.stdout.split()
    assert status == "succeeded", done.stderr
    assert "workers.llm.provider" in modules
    unwanted = tuple(set(FORBIDDEN) - OF_A_WORKER)
    assert [name for name in modules if name.partition(".")[0].startswith(unwanted)] == []
