"""Which model answers, what it costs, how much of it there is: read strictly, refused clearly."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backbone.commands.callers import callers
from common import clock
from common.callers import CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.jobs.job import Stage
from common.llm.choice import choose_model
from common.llm.prices import Prices
from common.settings import SettingsError, as_environment, read_settings

KEY = "sk-a-key-that-nobody-may-read"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names(**settings: Any) -> list[str | None]:
    read = read_settings(settings)
    choices = [choose_model(read, stage) for stage in (Stage.DESIGN, Stage.IMPLEMENT)]
    return [choice.name if choice else None for choice in choices]


def test_nobody_answers_by_default_whatever_keys_there_are() -> None:
    assert names(openai_api_key=KEY) == [None, None]


def test_each_stage_may_have_a_model_of_its_own() -> None:
    openai = {"default_llm_provider": "openai", "openai_api_key": KEY}
    assert names(**openai) == ["openai:gpt-5.4"] * 2
    assert names(**openai, design_llm_model="gpt-5.5") == ["openai:gpt-5.5", "openai:gpt-5.4"]
    mixed = names(**openai, anthropic_api_key=KEY, implement_llm_model="anthropic:claude-x")
    assert mixed == ["openai:gpt-5.4", "anthropic:claude-x"]
    assert names(design_llm_model="ollama:llama3:8b") == ["ollama:llama3:8b", None]
    ollama = {"default_llm_provider": "ollama", "ollama_model": "llama3:8b"}
    assert names(**ollama) == ["ollama:llama3:8b"] * 2


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "ollama"])
def test_an_address_has_no_password(provider: str) -> None:
    name = f"{provider}_base_url"
    for url in ("http://me:secret@there/v1", "https://secret@there", "https://there:x@y"):
        with pytest.raises(SettingsError, match=name.upper()) as caught:
            read_settings({name: url})
        assert "secret" not in str(caught.value)
    assert (
        getattr(read_settings({name: "https://there:8080/a@b"}), name) == "https://there:8080/a@b"
    )


def test_a_server_of_ones_own_needs_no_key() -> None:
    settings = read_settings(
        {
            "default_llm_provider": "openai",
            "openai_base_url": "http://127.0.0.1:8080/v1",
            "openai_model": "tiny",
            "openai_temperature": 0.5,
            "openai_max_tokens": 100,
            "openai_timeout_seconds": 7,
        }
    )
    choice = choose_model(settings, Stage.DESIGN)
    assert choice is not None
    assert (choice.temperature, choice.max_tokens, choice.timeout_seconds) == (0.5, 100, 7)
    assert (choice.base_url, choice.api_key) == ("http://127.0.0.1:8080/v1", None)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"default_llm_provider": "openai"}, "OPENAI_API_KEY must be set"),
        ({"default_llm_provider": "anthropic"}, "ANTHROPIC_API_KEY must be set"),
        ({"default_llm_provider": "google"}, "GOOGLE_API_KEY must be set"),
        ({"default_llm_provider": "ollama"}, "OLLAMA_MODEL must be set"),
        ({"design_llm_model": "gpt-5.4"}, "DESIGN_LLM_MODEL must say the provider too"),
        ({"implement_llm_model": "anthropic:x"}, "ANTHROPIC_API_KEY must be set"),
        ({"implement_llm_model": "openai:"}, "IMPLEMENT_LLM_MODEL must name a model"),
        ({"default_llm_provider": "mistral"}, "DEFAULT_LLM_PROVIDER: Input should be"),
        ({"llm_calls_per_hour": -1}, "LLM_CALLS_PER_HOUR: Input should be greater"),
        ({"llm_calls_per_hour": "nan"}, "LLM_CALLS_PER_HOUR: Input should be greater"),
        ({"llm_cost_usd_per_hour": "much"}, "LLM_COST_USD_PER_HOUR: Input should be a valid"),
        ({"openai_base_url": "localhost"}, "OPENAI_BASE_URL: String should match"),
    ],
)
def test_what_nothing_can_be_started_with(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(settings)
    assert str(caught.value).startswith(complaint)


def test_quotas_are_finite_unless_somebody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    quotas = [name for name in type(read_settings()).model_fields if name.endswith("_per_hour")]
    llm = [name for name in quotas if name.startswith("llm_")]
    assert len(llm) == 6
    assert all(0 < getattr(read_settings(), name) < math.inf for name in llm)
    monkeypatch.setenv("LLM_TOTAL_CALLS_PER_HOUR", "unlimited")
    monkeypatch.setenv("LLM_CALLS_PER_HOUR", "0")
    settings = read_settings()
    assert (settings.llm_total_calls_per_hour, settings.llm_calls_per_hour) == (math.inf, 0)
    for name, value in as_environment(settings).items():  # what other processes get is the same
        monkeypatch.setenv(name, value)
    assert read_settings() == settings.model_copy(update={"data_dir": settings.data_dir.resolve()})


def test_no_key_is_in_what_is_said_of_settings() -> None:
    settings = read_settings({"default_llm_provider": "openai", "openai_api_key": KEY})
    assert KEY not in repr(settings)
    assert KEY not in repr(choose_model(settings, Stage.DESIGN))


class TestPrices:
    def test_are_known_of_the_models_that_are_the_defaults(self) -> None:
        settings = read_settings()
        for provider in ("openai", "anthropic", "google"):
            assert Prices.read().find(provider, getattr(settings, f"{provider}_model"))

    def test_have_a_date_and_a_source(self) -> None:
        path = Path(__file__).parents[2] / "common" / "llm" / "prices.json"
        for price in json.loads(path.read_text("utf-8"))["prices"].values():
            assert price["date"]
            assert price["source"]

    def test_of_a_dated_model_are_those_of_its_name(self) -> None:
        prices = Prices.read()
        assert prices.find("openai", "gpt-4.1-2025-04-14") == prices.find("openai", "gpt-4.1")
        assert prices.find("anthropic", "claude-sonnet-4-5-20250929") is not None
        assert prices.find("openai", "gpt-4.1-large") is None

    def test_of_ones_own_machine_are_nothing(self) -> None:
        price = Prices.read().find("ollama", "llama3:8b")
        assert price is not None
        assert price.cost_usd(10**6, 10**6) == 0

    def test_rise_with_the_length_of_the_question(self) -> None:
        price = Prices.read().find("openai", "gpt-5.4")
        assert price is not None
        assert price.cost_usd(272_000, 0) == pytest.approx(0.68)
        assert price.cost_usd(272_001, 10**6) == pytest.approx(272_001 * 5e-6 + 22.5)

    def test_of_the_operator_go_first(self, tmp_path: Path) -> None:
        own = tmp_path / "prices.json"
        mine = {"openai:gpt-5.4": {"input_usd": 1, "output_usd": 2}, "openai:*": {"input_usd": 3}}
        mine["openai:*"]["output_usd"] = 4
        own.write_text(json.dumps({"prices": mine}))
        prices = Prices.read(own)
        found = [prices.find("openai", name) for name in ("gpt-5.4", "mine", "gpt-5.5")]
        assert [price.input_usd if price else None for price in found] == [1, 3, 5]

    @pytest.mark.parametrize(
        "written",
        ["", "[]", "{}", '{"prices": {"a:b": {}}}', '{"prices": {"a:b": {"input_usd": -1}}}'],
    )
    def test_that_cannot_be_read_are_refused(self, tmp_path: Path, written: str) -> None:
        own = tmp_path / "prices.json"
        own.write_text(written)
        with pytest.raises(SettingsError, match="LLM_PRICES_FILE: must read like"):
            Prices.read(own)
        with pytest.raises(SettingsError, match="no such file"):
            Prices.read(tmp_path / "none.json")


class TestCallersCommand:
    def quotas(self, folder: Path, *arguments: str) -> Any:
        url = f"sqlite:///{folder / 'backbone.db'}"
        engine = make_engine(url)
        migrate(engine)
        CallerStore(engine, clock.now).ensure("alice")
        engine.dispose()
        command = ["quota", "alice", *arguments, "--json"]
        done = CliRunner().invoke(callers, command, env={"DATABASE_URL": url})
        assert done.exit_code == 0, done.output
        return json.loads(done.output)["quotas"]

    def test_shows_sets_and_takes_back(self, tmp_path: Path) -> None:
        usual = {"calls": "usual", "tokens": "usual", "cost_usd": "usual"}
        assert self.quotas(tmp_path) == usual
        changed = self.quotas(tmp_path, "--calls", "7", "--cost", "unlimited")
        assert changed == {"calls": 7, "tokens": "usual", "cost_usd": "unlimited"}
        assert self.quotas(tmp_path, "--tokens", "0") == changed | {"tokens": 0}
        again = self.quotas(tmp_path, *("--calls", "usual", "--tokens", "usual", "--cost", "usual"))
        assert again == usual

    @pytest.mark.parametrize("amount", ["-1", "many", "nan", "inf"])
    def test_takes_numbers_alone(self, amount: str) -> None:
        done = CliRunner().invoke(callers, ["quota", "alice", f"--calls={amount}"])
        assert done.exit_code == 2
        assert "neither a number" in done.output
