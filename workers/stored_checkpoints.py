"""The checkpoints of one attempt, in the store for artifacts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from common.artifacts import ArtifactStore, checkpoint_folder
from common.errors import RequestError, TransientError
from common.jobs.job import Stage

log = logging.getLogger("backbone.worker")


class StoredCheckpoints:
    """Keeps under `jobs/<id>/checkpoints/`, and looks there and with the job this one repeats.

    Where the store fails the work goes on without, and the log says so. `on_found(stage)` hears
    what was taken over.
    """

    def __init__(
        self,
        artifacts: ArtifactStore,
        job_id: str,
        *,
        sources: Sequence[str],
        on_found: Callable[[Stage], None],
    ) -> None:
        """`sources` are the ids of the jobs that may have kept something, this one's included."""
        self._artifacts = artifacts
        self._job_id = job_id
        self._sources = sources
        self._on_found = on_found
        self._dirty = job_id in sources

    def find(self, stage: Stage, fingerprint: str) -> bytes | None:
        """What was kept of this stage with these inputs; None if nothing was."""
        for source in self._sources:
            try:
                content = self._artifacts.get(_key(source, stage, fingerprint))
            except RequestError:  # nothing is there
                continue
            except TransientError as error:
                self._warn("checkpoint.unreadable", stage, error)
                continue
            names = {"job_id": self._job_id, "stage": stage.value, "source": source}
            log.info("checkpoint.found", extra=names)
            if source != self._job_id:  # whoever repeats this job finds it here
                self.keep(stage, fingerprint, content)
            self._on_found(stage)
            return content
        return None

    def keep(self, stage: Stage, fingerprint: str, content: bytes) -> None:
        """Store what the stage has just made."""
        self._dirty = True
        try:
            self._artifacts.put(_key(self._job_id, stage, fingerprint), content)
        except TransientError as error:
            self._warn("checkpoint.not_kept", stage, error)

    def clear(self) -> None:
        """Remove what is kept, if anything may be: nobody goes on from there any more."""
        if not self._dirty:
            return
        try:
            self._artifacts.delete(checkpoint_folder(self._job_id))
        except TransientError as error:  # it goes with the job
            self._warn("checkpoint.not_removed", None, error)

    def _warn(self, event: str, stage: Stage | None, error: TransientError) -> None:
        names = {"job_id": self._job_id, "stage": stage, "reason": error.message}
        log.warning(event, extra=names)


def _key(job_id: str, stage: Stage, fingerprint: str) -> str:
    return f"{checkpoint_folder(job_id)}/{stage.value}-{fingerprint}"
