"""How the API's process serves."""

import resource
import shutil
import sys

import pytest
import uvicorn

from api import server
from api.protocol import BoundedProtocol
from tests.contract.conftest import API_KEY, JWT_SECRET, migrated_file

__all__ = ["migrated_file"]


def test_uvicorn_believes_no_forwarded_address_and_leaves_the_edge_to_us(
    monkeypatch: pytest.MonkeyPatch, tmp_path, migrated_file
) -> None:
    """Whom to believe is said by TRUSTED_PROXIES; uvicorn would believe anybody on loopback."""
    served: list[uvicorn.Config] = []

    def run(self: uvicorn.Server, sockets: object = None) -> None:
        assert sockets is None
        served.append(self.config)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(sys, "argv", ["server"])
    shutil.copy(migrated_file, tmp_path)
    settings = {
        "DATA_DIR": str(tmp_path),
        "API_KEY": API_KEY,
        "JWT_SECRET_KEY": JWT_SECRET,
        "API_PORT": "8123",
        "MAX_CONNECTIONS": "777",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    server.main()
    [configuration] = served
    assert configuration.proxy_headers is False
    assert configuration.server_header is False
    assert configuration.http.func is BoundedProtocol
    assert configuration.http.keywords["edge"].bounds.connections == 777
    assert (configuration.host, configuration.port) == ("127.0.0.1", 8123)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard or soft > 777
