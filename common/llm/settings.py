"""The settings that concern language models; part of those of `common/settings.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

ProviderName = Literal["openai", "anthropic", "google", "ollama"]
PROVIDERS: Final[tuple[ProviderName, ...]] = ("openai", "anthropic", "google", "ollama")
UNLIMITED: Final = "unlimited"


def _read_limit(value: object) -> object:
    if isinstance(value, str) and value.strip().lower() == UNLIMITED:
        return "inf"
    return value


_BASE_URL: Final = r"^https?://[^\s/@?#]+([/?#]\S*)?$"
"""Without a name and a password: there are keys for that, which are kept from logs."""

PerHour = Annotated[float, BeforeValidator(_read_limit), Field(ge=0)]
"""So much in any hour; infinite where there is no limit."""


class LlmSettings(BaseSettings):
    """Providers, models and quotas."""

    default_llm_provider: Literal["none", "openai", "anthropic", "google", "ollama"] = Field(
        "none", description="Who answers what documents ask for in words; `none`: nobody."
    )
    design_llm_model: str | None = Field(
        None,
        min_length=1,
        description="Another model for the stage `design`: its name, or `provider:name`.",
    )
    implement_llm_model: str | None = Field(
        None, min_length=1, description="The same for the stage `implement`."
    )
    max_repairs: int = Field(
        3, ge=0, le=20, description="Times that a model may put its own answer right."
    )

    openai_api_key: SecretStr | None = Field(None, description="OpenAI's key.")
    openai_model: str = Field("gpt-5.4", min_length=1, description="OpenAI's model.")
    openai_base_url: str | None = Field(
        None,
        pattern=_BASE_URL,
        description="Another server that speaks as OpenAI's does; it needs no key.",
    )
    openai_temperature: float | None = Field(
        None, ge=0, le=2, description="Unset, it is left to the model; some take no other."
    )
    openai_max_tokens: int = Field(
        16_000, ge=1, description="The longest answer; a call reserves as much of the quotas."
    )
    openai_timeout_seconds: float = Field(120, gt=0, description="The longest that a call takes.")

    anthropic_api_key: SecretStr | None = Field(None, description="Anthropic's key.")
    anthropic_model: str = Field("claude-sonnet-5", min_length=1, description="Anthropic's model.")
    anthropic_base_url: str | None = Field(
        None, pattern=_BASE_URL, description="Another server that speaks as theirs does."
    )
    anthropic_temperature: float | None = Field(
        None, ge=0, le=1, description="As `OPENAI_TEMPERATURE`."
    )
    anthropic_max_tokens: int = Field(16_000, ge=1, description="As `OPENAI_MAX_TOKENS`.")
    anthropic_timeout_seconds: float = Field(
        120, gt=0, description="The longest that a call takes."
    )

    google_api_key: SecretStr | None = Field(
        None, description="Google's key; needs the extra `google`."
    )
    google_model: str = Field("gemini-3.5-flash", min_length=1, description="Google's model.")
    google_base_url: str | None = Field(
        None, pattern=_BASE_URL, description="Another server that speaks as theirs does."
    )
    google_temperature: float | None = Field(
        None, ge=0, le=2, description="As `OPENAI_TEMPERATURE`."
    )
    google_max_tokens: int = Field(16_000, ge=1, description="As `OPENAI_MAX_TOKENS`.")
    google_timeout_seconds: float = Field(120, gt=0, description="The longest that a call takes.")

    ollama_base_url: str = Field(
        "http://127.0.0.1:11434",
        pattern=_BASE_URL,
        description="Where Ollama listens; needs the extra `ollama`.",
    )
    ollama_model: str | None = Field(None, min_length=1, description="Ollama's model.")
    ollama_temperature: float | None = Field(
        None, ge=0, le=2, description="As `OPENAI_TEMPERATURE`."
    )
    ollama_max_tokens: int = Field(8_000, ge=1, description="As `OPENAI_MAX_TOKENS`.")
    ollama_timeout_seconds: float = Field(600, gt=0, description="The longest that a call takes.")

    llm_calls_per_hour: PerHour = Field(
        60, description="Calls to models for one caller in any hour; `unlimited`: no limit."
    )
    llm_tokens_per_hour: PerHour = Field(
        1_000_000, description="Tokens, read and written, for one caller in any hour."
    )
    llm_cost_usd_per_hour: PerHour = Field(
        5, description="Dollars for one caller in any hour; needs the prices of the models."
    )
    llm_total_calls_per_hour: PerHour = Field(600, description="Calls for all callers together.")
    llm_total_tokens_per_hour: PerHour = Field(
        10_000_000, description="Tokens for all callers together."
    )
    llm_total_cost_usd_per_hour: PerHour = Field(
        50, description="Dollars for all callers together."
    )
    llm_prices_file: Path | None = Field(
        None, description="Prices that go before those of `common/llm/prices.json`, in its form."
    )

    @model_validator(mode="after")
    def _check_models(self) -> Self:
        """Every provider that would be asked has all it needs."""
        wanted: set[str] = {self.default_llm_provider}
        for variable in ("DESIGN_LLM_MODEL", "IMPLEMENT_LLM_MODEL"):
            said = getattr(self, variable.lower())
            if said is None:
                continue
            provider, name = split_model(said)
            if not name:
                raise ValueError(f"{variable} must name a model, as `provider:name` or `name`")
            if provider is None and self.default_llm_provider == "none":
                raise ValueError(
                    f"{variable} must say the provider too (`provider:name`, the provider one of"
                    f" {', '.join(PROVIDERS)}) while DEFAULT_LLM_PROVIDER is none"
                )
            wanted.add(provider or self.default_llm_provider)
        for each in sorted(wanted - {"none"}):
            self._check_provider(each)
        return self

    def _check_provider(self, provider: str) -> None:
        variable = f"{provider.upper()}_API_KEY"
        if provider == "ollama":
            if self.ollama_model is None and self.default_llm_provider == "ollama":
                raise ValueError("OLLAMA_MODEL must be set while DEFAULT_LLM_PROVIDER is ollama")
        elif getattr(self, variable.lower()) is None and not (
            provider == "openai" and self.openai_base_url is not None
        ):
            raise ValueError(f"{variable} must be set while a model of {provider} is to be used")


def split_model(said: str) -> tuple[ProviderName | None, str]:
    """`provider:name` or `name` in its parts; names may hold colons (`llama3:8b`)."""
    first, colon, rest = said.partition(":")
    if colon:
        for provider in PROVIDERS:
            if first == provider:
                return provider, rest
    return None, said
