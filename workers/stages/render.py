"""Lay the plan out as files: Jinja2 for the text, ruff for its form.

The folder of templates is shaped like the project. A path with `_model_` in it is rendered once for
each model, one with `_link_` once for each made link table, one with `_operation_` once for each
operation; what comes out blank is left out.
"""

from __future__ import annotations

import contextlib
import resource
import subprocess
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import jinja2
from ruff import find_ruff_bin  # type: ignore[import-untyped]  # it ships no types

from common.clock import monotonic
from common.errors import GenerationError, TransientError
from common.jobs.codes import ErrorCode
from workers.plan import Plan
from workers.plan.examples import sending_order
from workers.plan.operations import Hole, Implementation
from workers.plan.requirements import TOOLS, requirements_of
from workers.plan.trials import make_trials
from workers.plan.wire import make_resources
from workers.stages.compiled_templates import CompiledTemplates
from workers.stages.locks import joined_lock
from workers.stages.sbom import bill_of_materials
from workers.stages.sizes import refuse_more
from workers.text_filters import FILTERS

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"
_PROJECT: Final = "project/"
_SUFFIX: Final = ".jinja"
_MODELS: Final = "app/models/_model_.py"
_HOLE: Final = "    ...  # filled once the file is laid out"
NO_BODIES: Final[Mapping[str, Implementation]] = MappingProxyType({})
_RUFF_SECONDS: Final = 60
_RUFF_BYTES: Final = 1024**3
"""Of memory; for the largest documents that are not made for it, it takes a fifth of that."""
_OUT_OF_MEMORY: Final = "memory allocation of"
_POLL_SECONDS: Final = 0.1
_OPTIONS: Final[Mapping[str, Any]] = {
    "undefined": jinja2.StrictUndefined,
    "autoescape": False,  # it writes Python, TOML and YAML; `text_filters` escapes
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "auto_reload": False,
    "cache_size": -1,
}


class RenderingCancelled(Exception):  # noqa: N818 - nothing went wrong
    """The caller no longer wants the project; nothing of the rendering runs any more."""


def render(
    plan: Plan,
    bodies: Mapping[str, Implementation] = NO_BODIES,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, str]:
    """All files of the project but `backbone.json`, by path; the same plan gives the same text.

    `bodies` fill operations, by their names; those that nothing fills answer 501.
    Python comes out sorted (imports) and formatted by the project's own ruff configuration.
    GenerationError (`render_failed`) where ruff can't read what came out, which is a bug of the
    templates and not the document's fault, and (`project_too_large`) where it is too much: each
    line of deeply nested data is mostly indentation; TransientError where ruff was killed or hangs;
    RenderingCancelled soon after `cancelled()`, which is asked before each file, turned true.
    """
    files = {}
    for path, text in _lay_out(plan, bodies):
        files[path] = text
        if cancelled():
            raise RenderingCancelled
    return _tidy(dict(sorted(files.items())), cancelled)


def _lay_out(plan: Plan, bodies: Mapping[str, Implementation]) -> Iterator[tuple[str, str]]:
    environment = _environment()
    resources = make_resources(plan)
    trials = make_trials(plan, resources)
    shown = sending_order(plan, trials)
    holes = [Hole(one, bodies.get(one.name)) for one in plan.operations]
    for name in _template_names():
        template = environment.get_template(name)
        path = name.removeprefix(_PROJECT).removesuffix(_SUFFIX)
        if path == _MODELS:
            for model in plan.mapped:
                text = template.render(plan=plan, model=model)
                yield path.replace("_model_", model.module), text
        elif "_operation_" in path:
            yield from _lay_out_operations(template, path, plan, holes)
        elif "_model_" in path:
            for model in plan.models:
                text = template.render(
                    plan=plan,
                    model=model,
                    resource=resources[model.table_name],
                    trial=trials[model.table_name],
                )
                yield path.replace("_model_", model.module), text
        elif "_link_" in path:
            for link in plan.links:
                yield path.replace("_link_", link.module), template.render(plan=plan, link=link)
        else:
            text = template.render(
                plan=plan, resources=resources, trials=trials, shown=shown, holes=holes
            )
            if text.strip():
                yield path, text


def _lay_out_operations(
    template: jinja2.Template, path: str, plan: Plan, holes: Sequence[Hole]
) -> Iterator[tuple[str, str]]:
    for hole in holes:
        text = template.render(plan=plan, operation=hole.plan, hole=hole)
        if text.strip():
            yield path.replace("_operation_", hole.plan.module), _filled(text, hole)


def _filled(text: str, hole: Hole) -> str:
    """A file with the body in the place that its template left for it, in its last line."""
    before, found, after = text.rpartition(_HOLE)
    if hole.filled_by is None or not found or after.strip():
        return text
    return before + textwrap.indent(hole.filled_by.body.source, "    ") + "\n"


@cache
def _environment() -> jinja2.Environment:
    """The one environment of this process; templates are compiled once and kept."""
    environment = jinja2.Environment(  # noqa: S701 - see the options
        loader=jinja2.FileSystemLoader(TEMPLATES),
        bytecode_cache=CompiledTemplates(TEMPLATES, _OPTIONS),
        **_OPTIONS,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(
        bill_of_materials=bill_of_materials,
        joined_lock=joined_lock,
        requirements_of=requirements_of,
        tools=TOOLS,
    )
    return environment


@cache
def _template_names() -> tuple[str, ...]:
    """Every template of the project, by its path in the folder of templates."""
    found = (TEMPLATES / _PROJECT).rglob(f"*{_SUFFIX}")
    return tuple(sorted(path.relative_to(TEMPLATES).as_posix() for path in found))


def _tidy(files: Mapping[str, str], cancelled: Callable[[], bool]) -> dict[str, str]:
    """`files` with imports and `__all__` in order and Python formatted, by one process each."""
    refuse_more({path: len(text.encode()) for path, text in files.items()}, "render")
    with tempfile.TemporaryDirectory(prefix="backbone-render-") as folder:
        root = Path(folder)
        for path, text in files.items():
            if not path.endswith((".py", "pyproject.toml")):
                continue
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        order = ("check", "--select", "I,F401,RUF022", "--fix")
        for command in (order, ("format",)):
            _ruff(root, (*command, "--quiet", "--no-cache", "."), cancelled)
        refuse_more(_sizes(root), "render")
        return {
            path: (root / path).read_text(encoding="utf-8") if path.endswith(".py") else text
            for path, text in files.items()
        }


def _sizes(folder: Path) -> dict[str, int]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}


def _ruff(folder: Path, arguments: Sequence[str], cancelled: Callable[[], bool]) -> None:
    until = monotonic() + _RUFF_SECONDS
    with subprocess.Popen(  # noqa: S603  (our own ruff, our own arguments)
        [find_ruff_bin(), *arguments],
        cwd=folder,
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process.pid, resource.RLIMIT_DATA, (_RUFF_BYTES, _RUFF_BYTES))
            said = _wait(process, until, cancelled, folder)
        except BaseException:
            process.kill()  # else it would be waited for
            raise
    if _OUT_OF_MEMORY in said:
        message = "The project is too large to be formatted."
        raise GenerationError(ErrorCode.PROJECT_TOO_LARGE, message, stage="render")
    if process.returncode < 0:  # out of memory, for instance: nothing that the document could help
        message = f"ruff was killed by signal {-process.returncode}."
        raise TransientError(ErrorCode.FORMATTER_LOST, message)
    if process.returncode != 0:
        raise GenerationError(
            ErrorCode.RENDER_FAILED,
            f"ruff could not read the rendered project: {said[:2000]}",
            stage="render",
        )


def _wait(
    process: subprocess.Popen[str], until: float, cancelled: Callable[[], bool], folder: Path
) -> str:
    """What it said, once it has ended; what it makes of `folder` is watched."""
    while True:
        try:
            return process.communicate(timeout=_POLL_SECONDS)[0]
        except subprocess.TimeoutExpired as error:
            if cancelled():
                raise RenderingCancelled from None
            refuse_more(_sizes(folder), "render")
            if monotonic() > until:
                message = f"ruff did not end within {_RUFF_SECONDS} s."
                raise TransientError(ErrorCode.FORMATTER_LOST, message) from error
