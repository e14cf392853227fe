"""Which model answers at which stage, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from common.jobs.job import Stage
from common.llm.settings import PROVIDERS, LlmSettings, ProviderName, split_model


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model of one provider."""

    provider: ProviderName
    model: str
    temperature: float | None
    """None leaves it to the model"""
    max_tokens: int
    """Of the answer"""
    timeout_seconds: float
    base_url: str | None = field(repr=False)
    api_key: str | None = field(repr=False)

    @property
    def name(self) -> str:
        """Such as `openai:gpt-5.4`."""
        return f"{self.provider}:{self.model}"


def choose_model(settings: LlmSettings, stage: Stage) -> ModelChoice | None:
    """The model for `design` or `implement`; None where no provider is set up for it."""
    said = settings.design_llm_model if stage is Stage.DESIGN else settings.implement_llm_model
    provider, model = split_model(said) if said else (None, None)
    if provider is None:
        usual = settings.default_llm_provider
        provider = next((each for each in PROVIDERS if each == usual), None)
    if provider is None:
        return None
    model = model or getattr(settings, f"{provider}_model")
    key = None if provider == "ollama" else getattr(settings, f"{provider}_api_key")
    return ModelChoice(
        provider=provider,
        model=model,
        temperature=getattr(settings, f"{provider}_temperature"),
        max_tokens=getattr(settings, f"{provider}_max_tokens"),
        timeout_seconds=getattr(settings, f"{provider}_timeout_seconds"),
        base_url=getattr(settings, f"{provider}_base_url"),
        api_key=None if key is None else key.get_secret_value(),
    )
