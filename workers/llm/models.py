"""The models of a process, one for each attempt at a job; no provider is imported for them yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Engine

from common.clock import Clock
from common.jobs.claim import Claim
from common.jobs.job import Stage
from common.jobs.retry import checkpoint_sources
from common.jobs.wakes import Tell, nobody
from common.llm.calls import Asker
from common.llm.choice import choose_model
from common.llm.ledger import Ledger
from common.llm.prices import Prices
from common.llm.quota import Quotas
from common.llm.settings import LlmSettings
from workers.llm.metered import MeteredModel
from workers.llm.model import Model
from workers.llm.provider import LangChainProvider, Provider
from workers.llm.unmetered import UnmeteredModel


class Models:
    """Makes models for the attempts at jobs of one database; made after the fork.

    Raises SettingsError where LLM_PRICES_FILE can't be read.
    """

    def __init__(
        self,
        settings: LlmSettings,
        engine: Engine,
        clock: Clock,
        *,
        tell: Tell = nobody,
        provider: Provider | None = None,
    ) -> None:
        """`tell` hears of jobs whose usage has changed; `provider` instead of the real ones."""
        self._choose = partial(choose_model, settings)
        self._ledger = Ledger(engine, clock, Quotas.from_settings(settings), tell=tell)
        self._prices = Prices.read(settings.llm_prices_file)
        self._real = LangChainProvider()
        self._provider: Provider = provider or self._real

    def of_claim(self, claim: Claim, cancelled: Callable[[], bool]) -> Model | None:
        """The model for one attempt at a job; None where no provider is set up for any stage."""
        if self._choose(Stage.DESIGN) is None and self._choose(Stage.IMPLEMENT) is None:
            return None
        job = claim.job
        return MeteredModel(
            asker=Asker(
                caller_id=job.caller_id,
                job_id=job.id,
                attempt=claim.fence,
                sources=checkpoint_sources(job),
                max_cost_usd=asked_cost(claim.document),
            ),
            ledger=self._ledger,
            provider=self._provider,
            choose=self._choose,
            prices=self._prices,
            cancelled=cancelled,
        )

    def close(self) -> None:
        """Close the connections to providers."""
        self._real.close()


def unmetered_model(
    settings: LlmSettings,
    *,
    cancelled: Callable[[], bool],
    max_cost_usd: float | None = None,
    provider: Provider | None = None,
) -> UnmeteredModel:
    """The model for work in this process, without a server. SettingsError as `Models`."""
    return UnmeteredModel(
        provider=provider or LangChainProvider(),
        choose=partial(choose_model, settings),
        prices=Prices.read(settings.llm_prices_file),
        cancelled=cancelled,
        max_cost_usd=max_cost_usd,
    )


def asked_cost(document: object) -> float | None:
    """The `run.max_cost_usd` of a document, which was checked when it was stored."""
    run = document.get("run") if isinstance(document, dict) else None
    asked = run.get("max_cost_usd") if isinstance(run, dict) else None
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        return None
    return float(asked)
