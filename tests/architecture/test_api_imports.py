"""The API's process has no language model, no templates and nothing of the workers in it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LIST_MODULES = """
import secrets
import sys
import api.app
api.app.create_app(api.app.Settings(
    _env_file=None,
    data_dir=sys.argv[1],
    api_key=secrets.token_urlsafe(32),
    jwt_secret_key=secrets.token_urlsafe(32),
    redis_url="redis://127.0.0.1:1/0",
)).openapi()
print("\\n".join(sorted(sys.modules)))
"""
FORBIDDEN = (
    "workers",
    "backbone",
    "jinja2",
    "langchain",
    "langgraph",
    "langsmith",
    "openai",
    "google",
    "anthropic",
    "tiktoken",
)


def test_what_a_started_api_has_imported(tmp_path: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, str(tmp_path)],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    modules = listed.stdout.split()
    assert "api.routes.jobs" in modules
    assert "celery" in modules
    imported = [name for name in modules if name.partition(".")[0].startswith(FORBIDDEN)]
    assert imported == []
