"""Templates are compiled once, and never used for another text or with other options."""

import sys

import jinja2
import pytest

from workers.stages.compiled_templates import CompiledTemplates

OPTIONS = {"trim_blocks": True}


def rendered(folder, text, options=OPTIONS):
    """What a new process would make of `text`, with what is kept under `folder`."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"one": text}),
        bytecode_cache=CompiledTemplates(folder, options),
        autoescape=True,
        **options,
    )
    return environment.get_template("one").render(name="it")


def kept(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def _bytecode_is_written(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_what_was_compiled_is_used_again(tmp_path):
    assert rendered(tmp_path, "say {{ name }}") == "say it"
    (path,) = kept(tmp_path)
    written = path.stat().st_mtime_ns
    assert rendered(tmp_path, "say {{ name }}") == "say it"
    assert path.stat().st_mtime_ns == written


def test_another_text_is_compiled_anew(tmp_path):
    rendered(tmp_path, "say {{ name }}")
    assert rendered(tmp_path, "tell {{ name }}") == "tell it"


def test_other_options_are_compiled_anew(tmp_path):
    text = "{% if name %}\n{{ name }}{% endif %}"
    assert rendered(tmp_path, text) == "it"
    assert rendered(tmp_path, text, {"trim_blocks": False}) == "\nit"


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path):
    assert rendered(tmp_path / "absent", "say {{ name }}") == "say it"
    assert kept(tmp_path) == {}


def test_nothing_is_kept_where_python_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(tmp_path, "say {{ name }}") == "say it"
    assert kept(tmp_path) == {}
