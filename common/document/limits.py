"""How large the parts of a document may be, and what is there to make something of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """Sizes beyond which a document is refused with 400; the defaults are the settings'."""

    max_string_length: int = 1000
    """Characters of any string; a longer `description` is cut instead."""
    max_array_length: int = 100
    """Items of any array but the three below."""
    max_tables: int = 50
    max_columns_per_table: int = 100
    max_relationships_per_table: int = 50
    max_code_length: int = 20_000
    """Characters of the `body` of an operation."""
    max_checks_length: int = 100_000
    """Characters of all `checks` together; real ones have hundreds, and each is taken apart."""
    max_members: int = 1000
    """Members of any object; nothing real comes near, and each unknown one costs a fault."""
    max_timeout_seconds: int = 600
    """Beyond this `run.timeout_seconds` is not refused but cut, with a warning."""
    can_design: bool = False
    """Whether a model is set up that makes documents of prompts"""
    can_implement: bool = False
    """Whether a model is set up that writes the code of operations"""
