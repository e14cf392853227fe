"""What tests of the model's side share: one scripted server, a script for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backbone.scripted_llm.process import ScriptedServer


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedServer]:
    """The server process; tests name their scripts."""
    with ScriptedServer(tmp_path_factory.mktemp("scripts")) as server:
        yield server
