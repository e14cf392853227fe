"""The limits of the API as it is really served: by the process that `backbone up` starts."""

from __future__ import annotations

from pathlib import Path

import httpx

from backbone.background_stack import BackgroundStack


def test_a_caller_can_not_choose_its_address(tmp_path: Path) -> None:
    settings = {"RATE_LIMIT_PUBLIC": "3/minute"}
    with BackgroundStack(tmp_path / "data", settings) as stack:
        statuses = [
            httpx.get(
                f"{stack.api_url}/api/v1/jobs", headers={"X-Forwarded-For": f"203.0.113.{number}"}
            ).status_code
            for number in range(6)
        ]
        assert statuses == [401, 401, 401, 429, 429, 429]
        answer = httpx.get(f"{stack.api_url}/api/v1/jobs", headers={"X-API-Key": stack.api_key})
        assert answer.status_code == 200
        assert "server" not in answer.headers
