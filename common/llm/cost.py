"""What a job may cost: a call that might exceed it is not made."""

from __future__ import annotations

import math
from collections.abc import Iterable

from common.errors import GenerationError
from common.jobs.codes import ErrorCode
from common.llm.calls import Request


def refuse_unknown_price(request: Request, limits: Iterable[float | None]) -> None:
    """Raises GenerationError where there is a limit in dollars and nobody knows the price."""
    limited = any(limit is not None and math.isfinite(limit) for limit in limits)
    if request.cost_usd is None and limited:
        raise GenerationError(
            ErrorCode.LLM_COST_LIMIT,
            f"There is a limit in dollars, and nobody knows what {request.name} costs:"
            " give its price in LLM_PRICES_FILE.",
            retryable=True,
        )


def refuse_cost(request: Request, spent_usd: float, max_cost_usd: float) -> None:
    """Raises GenerationError where the call might exceed what its job may cost."""
    cost_usd = request.cost_usd or 0.0
    if spent_usd + cost_usd > max_cost_usd + 1e-9:
        raise GenerationError(
            ErrorCode.LLM_COST_LIMIT,
            f"The next call may cost ${cost_usd:.4f}; with ${spent_usd:.4f} that were spent it is"
            f" more than run.max_cost_usd ({max_cost_usd:g}).",
            retryable=True,
        )
