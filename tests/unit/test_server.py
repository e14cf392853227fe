"""How the API's process serves."""

import sys

import pytest
import uvicorn

from api import server
from api.protocol import ProblemProtocol


def test_uvicorn_believes_no_forwarded_address_and_answers_problems(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whom to believe is said by TRUSTED_PROXIES; uvicorn would believe anybody on loopback."""
    served: list[uvicorn.Config] = []

    def run(self: uvicorn.Server, sockets: object = None) -> None:
        assert sockets is None
        served.append(self.config)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(sys, "argv", ["server"])
    monkeypatch.setenv("API_PORT", "8123")
    server.main()
    [configuration] = served
    assert configuration.proxy_headers is False
    assert configuration.server_header is False
    assert configuration.http is ProblemProtocol
    assert (configuration.host, configuration.port) == ("127.0.0.1", 8123)
