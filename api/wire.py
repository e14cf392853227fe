"""The shapes of answers, for `/openapi.json`. Tests hold every real answer against them."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from common.document.models import DocumentOptions, ProjectDocument, RunOptions
from common.document.prompt import MAX_PROMPT_LENGTH
from common.jobs.job import JobStatus, Stage


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FaultShape(_Shape):
    """One thing that is wrong at one place of what was sent."""

    pointer: str = Field(description="RFC 6901 into what was sent; empty for the whole of it.")
    code: str = Field(description="Stable, for programs.")
    message: str


class PromptShape(_Shape):
    """Words that a language model makes a document of."""

    model_config = ConfigDict(extra="forbid", title="Prompt")

    prompt: str = Field(min_length=1, max_length=MAX_PROMPT_LENGTH)
    document: ProjectDocument | None = Field(None, description="One that exists, to be changed.")
    options: DocumentOptions | None = Field(None, description="What the document gets as its own.")
    run: RunOptions | None = None


class Problem(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    code: str = Field(description="Stable, for programs; the last segment of `type`.")
    errors: list[FaultShape] | None = Field(
        None, description="Every fault of the document, all at once."
    )


class RateLimitProblem(Problem):
    """Too many requests: when to come back."""

    error: str
    message: str
    retry_after: int = Field(description="Seconds, as in Retry-After.")


class ProgressShape(_Shape):
    """How much of the current stage is done."""

    done: int
    total: int


class AttemptShape(_Shape):
    """One time that a worker had the job."""

    number: int
    worker: str
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    outcome: str | None
    message: str | None


class JobErrorShape(_Shape):
    """Why a job failed."""

    code: str
    message: str
    stage: Stage | None
    retryable: bool


class ArtifactShape(_Shape):
    """The finished zip."""

    file_count: int
    size_bytes: int
    sha256: str


class VerificationShape(_Shape):
    """How the checks ended."""

    level: str
    passed: int
    failed: int
    skipped: int


class UsageShape(_Shape):
    """What a language model was used for it."""

    llm_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


class QuotaShape(_Shape):
    """How much of something is left of this rolling hour; null where there is no limit."""

    limit: float | None
    used: float = Field(description="Of calls that are not settled, the most they can come to.")
    remaining: float | None
    resets_at: AwareDatetime | None = Field(
        description="When all of it is free again if nothing more is asked; null while it is."
    )


class QuotasShape(_Shape):
    """Per rolling hour."""

    calls: QuotaShape
    tokens: QuotaShape
    cost_usd: QuotaShape


class SpendShape(_Shape):
    """What was spent, up to now."""

    last_hour: UsageShape
    last_24_hours: UsageShape
    last_30_days: UsageShape


class UnsettledCallShape(_Shape):
    """A call of which nobody knows whether it was billed, with the most it can have cost."""

    id: str
    job_id: str
    stage: Stage
    provider: str
    model: str
    reserved_at: AwareDatetime
    input_tokens: int
    output_tokens: int
    cost_usd: float


class SpendingShape(_Shape):
    """What language models have cost the caller."""

    quotas: QuotasShape
    spend: SpendShape
    unsettled: list[UnsettledCallShape] = Field(description="Newest first, 100 at most.")


class LinksShape(_Shape):
    """Where to go from here; null where there is nothing (yet)."""

    self: str
    events: str
    cancel: str | None
    retry: str | None
    artifact: str | None
    files: str | None
    report: str | None
    document: str | None


class JobShape(_Shape):
    """One run of one document."""

    model_config = ConfigDict(extra="forbid", title="Job")

    id: str
    kind: Literal["generate", "design"]
    status: JobStatus
    stage: Stage | None
    progress: ProgressShape
    queue_position: int | None
    eta_seconds: int | None
    deferred_until: AwareDatetime | None
    deferred_reason: str | None
    project_name: str | None
    batch_id: str | None
    retry_of: str | None
    attempt_count: int
    attempts: list[AttemptShape]
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    warnings: list[FaultShape]
    error: JobErrorShape | None
    artifact: ArtifactShape | None
    verification: VerificationShape | None
    usage: UsageShape
    links: LinksShape


class CancelShape(JobShape):
    """The job, and what the cancel came to."""

    model_config = ConfigDict(extra="forbid", title="CancelledJob")

    cancel: Literal["requested", "already_finished"]
    detail: str


class JobPageShape(_Shape):
    """Jobs, newest first."""

    items: list[JobShape]
    next_cursor: str | None = Field(description="Ask with it for what follows; null at the end.")


class EventShape(_Shape):
    """A job as one of its changes left it."""

    revision: int
    at: AwareDatetime
    status: JobStatus
    stage: Stage | None
    progress: ProgressShape


class EventsShape(_Shape):
    """What happened to a job, in order."""

    items: list[EventShape]
    next_after: int = Field(description="Ask with it, as `after`, for what follows.")


class FileShape(_Shape):
    """A file of the project."""

    path: str
    size_bytes: int
    sha256: str


class FilesShape(_Shape):
    """The files of the project, sorted by path."""

    items: list[FileShape]


class GraphEdge(_Shape):
    """A foreign key, as an edge from a table to the table that it refers to."""

    table: str
    columns: list[str]
    target_table: str
    target_columns: list[str]
    closes_cycle: bool = Field(description="Whether it is made after the tables.")


class DependencyGraph(_Shape):
    """Which table needs which."""

    tables: list[str]
    edges: list[GraphEdge]


class Estimate(_Shape):
    """What a run would take."""

    seconds: float
    llm_calls: int = Field(description="Without repairs.")
    cost_usd: float | None = Field(description="As it usually is; null where no price is known.")
    reserved_usd: float | None = Field(
        description="The least that `run.max_cost_usd` has to allow: what one call may come to."
    )
    max_cost_usd: float | None = Field(
        description="With all repairs, each as long as it may be; far above what is usual."
    )


class ValidationShape(_Shape):
    """What `/generate` would say of a document."""

    valid: bool
    errors: list[FaultShape]
    warnings: list[FaultShape]
    build_order: list[str] | None = Field(description="Null while the document has faults.")
    dependency_graph: DependencyGraph | None
    requires_llm: bool | None
    estimate: Estimate | None


class TokenShape(_Shape):
    """An access token."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds.")
    scopes: list[str]


class RevokedShape(_Shape):
    """What became of a token that was to be taken back."""

    revoked: bool = Field(
        description="True: it is refused from now on. False: it was no token of the caller's that"
        " could have been presented again."
    )


class LimitsShape(_Shape):
    """The limits in force."""

    rates: dict[str, str] | None = Field(
        description="By tier; null while requests are not counted."
    )
    sizes: dict[str, int]


class ModelShape(_Shape):
    """The language model that writes what documents ask for in words."""

    configured: bool
    provider: str | None
    design_model: str | None = Field(description="`provider:name`; null where there is none.")
    implement_model: str | None


class CapabilitiesShape(_Shape):
    """What this installation can do; null where it is not known yet."""

    llm: ModelShape
    sandbox: list[str] | None
    engines: list[str] | None


class StatusShape(_Shape):
    """What runs here and under which rules."""

    version: str
    environment: str
    auth: Literal["on", "off"]
    limits: LimitsShape
    capabilities: CapabilitiesShape


class ComponentShape(_Shape):
    """One thing that the platform needs."""

    status: Literal["ok", "down", "not_configured"]
    seconds: float | None


class HealthShape(_Shape):
    """Whether the platform can do its work."""

    status: Literal["ok", "degraded", "unavailable"]


class DetailedHealthShape(HealthShape):
    """The same with its reasons."""

    version: str
    components: dict[str, ComponentShape]
