"""Every name that a template may write as code is made here, from words that came from outside.

All functions are pure: the same words give the same name, and what is already taken is passed in. A
name is always a legal ASCII identifier, no keyword, and nothing that SQLAlchemy, Pydantic, the
file system or the modules around it give a meaning of their own.
"""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Final

MAX_IDENTIFIER_BYTES: Final = 63
"""PostgreSQL cuts longer ones off in silence; MySQL allows 64, SQL Server 128."""

MODEL_MODULE_NAMES: Final = frozenset(
    {
        "Any",
        "Decimal",
        "UUID",
        "base",
        "column_types",
        "dt",
        "orm",
        "postgresql",
        "sa",
        "utc_now",
        "uuid4",
    }
)
"""What stands at the top of a model's module: an attribute called so would hide it in its class."""

SCHEMA_MODULE_NAMES: Final = frozenset(
    {
        "ABSENT",
        "Annotated",
        "BaseModel",
        "BigInteger",
        "Binary",
        "BinaryKey",
        "Boolean",
        "CHANGES",
        "Date",
        "DateTime",
        "Duration",
        "Field",
        "Float",
        "Input",
        "Integer",
        "Interval",
        "Json",
        "Key",
        "Moment",
        "Numeric",
        "OUTPUT",
        "PlainDecimal",
        "SmallInteger",
        "Text",
        "Time",
        "Uuid",
        "at_most_bytes",
    }
)
"""The same for a module of schemas."""

_BUILTIN_NAMES: Final = frozenset(
    {"bool", "bytes", "dict", "float", "int", "list", "object", "str"}
)
"""Types that annotations use."""

_SQLALCHEMY_NAMES: Final = frozenset(
    {
        "cls",  # "Post.cls" in a relationship's string means the class itself
        "self",  # the constructor takes attributes by name
        "metadata",
        "registry",
    }
)

_PYDANTIC_NAMES: Final = frozenset(
    {
        "construct",
        "copy",
        "dict",
        "from_orm",
        "json",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "schema",
        "schema_json",
        "update_forward_refs",
        "validate",
    }
)

_RESERVED_ATTRIBUTES: Final = (
    MODEL_MODULE_NAMES | SCHEMA_MODULE_NAMES | _BUILTIN_NAMES | _SQLALCHEMY_NAMES | _PYDANTIC_NAMES
)

_RESERVED_MODULES: Final = frozenset(
    {
        # Modules that every project has beside those of its tables
        "base",
        "column_types",
        "common",
        "conftest",
        "dependencies",
        "enums",
        "errors",
        "fields",
        "filters",
        "health",
        "main",
        "pagination",
        "routers",
        "routes",
        # Files that Windows can't have
        "aux",
        "con",
        "nul",
        "prn",
        *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)),
    }
)

_RESERVED_PATHS: Final = frozenset({"/docs", "/health", "/metrics", "/openapi", "/redoc"})
_RESERVED_CLASSES: Final = frozenset(
    MODEL_MODULE_NAMES
    | SCHEMA_MODULE_NAMES
    | {"Base", "SoftDeleteMixin", "StrEnum", "TimestampMixin"}
)
_SCHEMA_SUFFIXES: Final = ("Create", "Update", "Read", "Page", "List", "Filter", "Filters", "Key")
"""What the schemas of a class are called after it."""

_NOT_WORD: Final = re.compile(r"[^0-9A-Za-z]+")
_CAMEL_EDGE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def attribute_name(column: str, taken: Collection[str]) -> str:
    """The attribute (and schema field) for a column: its own name if that is free, else a near one.

    `class` becomes `class_`, `_id` becomes `id_` (Pydantic drops leading underscores in silence).
    """
    if is_free_attribute(column) and column not in taken:
        return column
    stem = plain(column).strip("_") or "column"
    if stem[0].isdigit() or stem.startswith("model_"):
        stem = f"column_{stem}"
    candidate = f"{stem}_"
    while candidate in taken or not is_free_attribute(candidate):
        candidate += "_"
    return candidate


def is_free_attribute(name: str) -> bool:
    """Whether a model and its schemas can have an attribute called `name`."""
    return (
        name.isascii()
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith(("_", "model_"))
        and name not in _RESERVED_ATTRIBUTES
    )


def module_name(table: str, taken: Collection[str]) -> str:
    """The module for a table: `posts`, `class_` for `class`, `base_` for `base`."""
    candidate = plain(table).lower()
    if candidate.startswith("_"):
        candidate = f"table{candidate}"
    while keyword.iskeyword(candidate) or candidate in _RESERVED_MODULES or candidate in taken:
        candidate += "_"
    return candidate


def function_stem(class_name: str, taken: Collection[str]) -> str:
    """What functions and variables for one row are called after: `blog_post` for `BlogPost`."""
    candidate = snake_case(class_name)
    while keyword.iskeyword(candidate) or candidate in taken:
        candidate += "_"
    return candidate


def enum_class_name(class_name: str, column: str, taken: Collection[str]) -> str:
    """The class of an enum column: `PostStatus`, `PostStatusEnum` where that is something else."""
    wanted = f"{class_name}{pascal_case(column)}"
    for candidate in (wanted, f"{wanted}Enum", *(f"{wanted}Enum{n}" for n in range(2, 1000))):
        if candidate not in taken:
            return candidate
    raise AssertionError(wanted)  # a document has at most 5,000 columns in 50 classes


def reserved_class_names(class_names: Iterable[str]) -> set[str]:
    """Names that an enum's class can't have in a project with these classes."""
    names = set(class_names)
    return (
        names | _RESERVED_CLASSES | {f"{n}{suffix}" for n in names for suffix in _SCHEMA_SUFFIXES}
    )


def import_name(name: str, class_names: Collection[str]) -> str:
    """What a standard class is imported as: `UUID`, or `StdUUID` beside a document's `UUID`."""
    while name in class_names:
        name = f"Std{name}"
    return name


def enum_member_names(values: Sequence[str]) -> tuple[str, ...]:
    """A constant's name for each value: `IN_REVIEW`; numbers, blanks and twins get one, too.

    Upper case keeps clear of keywords, of `mro` and of the methods of `str`.
    """
    names: list[str] = []
    for value in values:
        wanted = _NOT_WORD.sub("_", _CAMEL_EDGE.sub("_", plain(value))).strip("_").upper()
        if not wanted:
            wanted = "BLANK" if not value.strip() else "VALUE"
        if wanted[0].isdigit():
            wanted = f"VALUE_{wanted}"
        names.append(_free(wanted, names))
    return tuple(names)


def database_name(wanted: str, taken: Collection[str], *, identity: str = "") -> str:
    """A name for a constraint, an index or a type: `wanted` where it fits, else with a hash.

    At most 63 bytes and not in `taken` (compared without case). `identity` is what tells two things
    with the same wanted name apart, so that the name depends on nothing but its own thing.
    """
    if len(wanted.encode()) <= MAX_IDENTIFIER_BYTES and wanted.lower() not in taken:
        return wanted
    for salt in ("", *map(str, range(1000))):
        digest = hashlib.sha256(f"{wanted}\0{identity}{salt}".encode()).hexdigest()[:8]
        cut = wanted.encode()[: MAX_IDENTIFIER_BYTES - 9].decode(errors="ignore").rstrip("_")
        candidate = f"{cut}_{digest}"
        if candidate.lower() not in taken:
            return candidate
    raise AssertionError(wanted)  # a thousand hashes that are all taken


def snake_case(name: str) -> str:
    """`blog_post` for `BlogPost`, `http_route` for `HTTPRoute`."""
    return _NOT_WORD.sub("_", _CAMEL_EDGE.sub("_", plain(name))).strip("_").lower() or "row"


def pascal_case(name: str) -> str:
    """`InReview` for `in_review`."""
    words = _NOT_WORD.sub(" ", plain(name)).split()
    return "".join(word[0].upper() + word[1:] for word in words) or "Value"


def package_name(project: str) -> str:
    """The project's name as package indexes write it: `My_Shop` is `my-shop`."""
    return re.sub(r"[-_.]+", "-", project).strip("-").lower() or "project"


def route_path(table: str) -> str:
    """The path of a table's resource: `/blog-posts`; different tables have different ones."""
    path = "/" + plain(table).replace("_", "-").lower()
    return f"{path}_" if path in _RESERVED_PATHS else path


def _free(wanted: str, taken: Collection[str]) -> str:
    candidate, number = wanted, 2
    while candidate in taken:
        candidate, number = f"{wanted}_{number}", number + 1
    return candidate


def plain(name: str) -> str:
    """`name` with accents taken off and all else that ASCII identifiers can't hold as `_`."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^0-9A-Za-z_]", "_", bare)
