"""What tests of the model's side share: one scripted server, a script for each test."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from backbone.scripted_llm.process import ScriptedServer
from tests.llm.scene import Scene
from workers.llm.provider import LangChainProvider


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedServer]:
    """The server process; tests name their scripts."""
    with ScriptedServer(tmp_path_factory.mktemp("scripts")) as server:
        yield server


@pytest.fixture(scope="session")
def provider() -> Iterator[LangChainProvider]:
    """The providers, through the real packages."""
    made = LangChainProvider()
    yield made
    made.close()


@pytest.fixture(params=["openai", "anthropic"])
def wire(request: pytest.FixtureRequest) -> str:
    """Each of the two wires."""
    kind: str = request.param
    return kind


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The script of this test."""
    place = f"{request.module.__name__.rpartition('.')[2]}-{request.node.name}".lower()
    return re.sub(r"[^a-z0-9]+", "-", place)[:200]


@pytest.fixture
def scene(scripted: ScriptedServer, name: str, wire: str, provider: LangChainProvider) -> Scene:
    """A provider behind this test's script."""
    return Scene(scripted, name, wire, provider)
