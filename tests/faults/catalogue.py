"""All faults: what goes wrong, and how it is done to any project."""

from __future__ import annotations

from typing import Final

from tests.faults import schema_faults
from tests.faults.edits import AWAIT, swap
from tests.faults.fault import Fault

ROUTES: Final = "app/api/routes/*.py"
FILTERS: Final = "app/core/filters.py"
PAGES: Final = "app/core/pagination.py"
ROWS: Final = "app/core/rows.py"
FIELDS: Final = "app/core/fields.py"
MODELS: Final = "app/models/*.py"
EXECUTED: Final = rf"^ +{AWAIT}session\.execute\(\s*{{}}\([\s\S]*?\n(?= +{AWAIT}session\.commit)"
"""One statement, until it is committed."""

FAULTS: Final = (
    # The schema
    Fault("unique dropped", schema_faults.drop_unique),
    Fault("check dropped", schema_faults.drop_check),
    Fault("not-null dropped", schema_faults.allow_null),
    Fault("length dropped", schema_faults.forget_length),
    Fault("length migrated wrongly", schema_faults.drift_length),
    Fault("default lost", schema_faults.lose_default),
    Fault("enum value lost", schema_faults.lose_value),
    Fault(
        "index not migrated", swap("alembic/versions/*.py", r"^    op\.create_index\(.*\)\n", "")
    ),
    Fault("cascade refused", schema_faults.turn_on_delete("CASCADE", "RESTRICT")),
    Fault("set null cascades", schema_faults.turn_on_delete("SET NULL", "CASCADE")),
    Fault("restrict cascades", schema_faults.turn_on_delete("RESTRICT", "CASCADE")),
    Fault(
        "unknown reference accepted",
        swap("app/core/database.py", "PRAGMA foreign_keys=ON", "PRAGMA foreign_keys=OFF"),
    ),
    # Soft deletion
    Fault("deleted row listed", swap(FILTERS, r"\.is_not\(True\)", ".is_not(None)")),
    Fault("deleted row shown", swap(ROWS, r"if row is None or hidden", "if row is None")),
    Fault("not deleted", swap(ROUTES, r"^ +\w+\.is_deleted = True\n", "")),
    Fault(
        "deleted for good",
        swap(
            ROUTES,
            rf"^( +)(\w+)\.is_deleted = True\n(.*\n)? +{AWAIT}session\.commit",
            r"\1\4session.delete(\2)\n\1\4session.commit",
        ),
    ),
    Fault("time of deletion lost", swap(ROUTES, r"^ +\w+\.deleted_at = utc_now\(\)\n", "")),
    Fault("restored by half", swap(ROUTES, r"^ +\w+\.deleted_at = None\n", "")),
    Fault("not restored", swap(ROUTES, r"\.is_deleted = False", ".is_deleted = True")),
    Fault(
        "hidden row referred to",
        swap("app/core/references.py", r"^    wanted \+= _visible\(target\)\n", ""),
    ),
    Fault("hidden while in use", swap(ROUTES, rf"^ +{AWAIT}check_unused\(.*\n", "")),
    Fault("restored below a hidden row", swap(ROUTES, rf"^ +{AWAIT}check_references\(.*\n", "")),
    Fault(
        "links of a hidden row shown",
        swap(
            ROUTES,
            rf"(include_deleted=include_deleted[\s\S]*?def list_\w+_of_[\s\S]*?"
            rf"{AWAIT}find\(.*)\)$",
            r"\1, include_deleted=True)",
        ),
    ),
    # Statuses and headers
    Fault(
        "404 turned into 200",
        swap("app/core/errors.py", r"(HTTPException\(\s*HTTPStatus)\.NOT_FOUND", r"\1.OK"),
    ),
    Fault("200 for what was made", swap(ROUTES, r"status_code=201", "status_code=200")),
    Fault(
        "200 for what was deleted",
        swap(ROUTES, r"(@router\.delete\([^)]*?)status_code=204", r"\1status_code=200"),
    ),
    Fault(
        "422 for a duplicate",
        swap("app/core/integrity.py", r"CONFLICT(, \"unique\")", r"UNPROCESSABLE_ENTITY\1"),
    ),
    Fault(
        "no problem at all",
        swap("app/core/errors.py", r"application/problem\+json", "application/json"),
    ),
    Fault("redirected", swap("app/main.py", r"redirect_slashes=False", "redirect_slashes=True")),
    Fault("answers kept", swap("app/core/headers.py", r"no-store", "max-age=60")),
    Fault(
        "values in errors",
        swap("app/core/database.py", r"hide_parameters=True", "hide_parameters=False"),
    ),
    Fault("wrong location", swap(ROUTES, r"location\(\"/[^\"]*\"", 'location("/elsewhere"')),
    # Lists
    Fault("filter ignored", swap(FILTERS, r"column == value", "column == column")),
    Fault("bound left out", swap(FILTERS, r"column >= value", "column > value")),
    Fault(
        "fragment only at the start", swap(FILTERS, r"column\.icontains\(", "column.istartswith(")
    ),
    Fault(
        "emptiness turned around",
        swap(FILTERS, r"column\.is_\(None\) if", "column.is_not(None) if"),
    ),
    Fault(
        "filter missing",
        swap(
            "app/schemas/*.py",
            r"(^class \w+Query\([\s\S]*?)^    (?!id:)\w+: \w+ \| None = None\n",
            r"\1",
        ),
    ),
    Fault("nullable reference missing from Query", schema_faults.lose_reference("Query")),
    Fault("nullable reference missing from Update", schema_faults.lose_reference("Update")),
    Fault("unbounded page", swap(PAGES, r", le=MAX_LIMIT", "")),
    Fault("limit ignored", swap(PAGES, r"\.limit\(query\.limit\)", "")),
    Fault("offset ignored", swap(PAGES, r"\.offset\(query\.offset\)", "")),
    Fault(
        "total counts only the page",
        swap(PAGES, r"total=(total[^,\n]*),", r"total=min(\1, query.limit),"),
    ),
    Fault(
        "pages in any order", swap(FILTERS, r"return statement\.order_by\(.*\)", "return statement")
    ),
    Fault("sort direction ignored", swap(FILTERS, r"column\.desc\(\) if", "column.asc() if")),
    Fault(
        "a query for each row",
        swap(
            PAGES,
            rf"^( +)rows = {AWAIT}(session\.scalars\(.*\))\n",
            r"\1rows = (\2\3).all()\n\1for row in rows:\n\1    \2session.refresh(row)\n",
        ),
    ),
    # What is written
    Fault("not committed", swap(ROWS, rf"^ +{AWAIT}session\.commit\(\)\n", "")),
    Fault("not changed", swap(ROWS, r"^ +setattr\(row, .*\n", "        pass\n")),
    Fault(
        "change resets the rest",
        swap(ROUTES, r"(save\([^)]*)exclude_unset=True", r"\1exclude_unset=False"),
    ),
    Fault("any number of members", swap(FIELDS, r"len\(value\) > most", "len(value) < 0")),
    Fault("updated_at not moved", swap(MODELS, r"^ *(.*)onupdate=utc_now,?\s*", r"\1")),
    Fault("unbounded JSON", swap(FIELDS, r"return _bounded_json\(value\)", "return value")),
    Fault("unknown members accepted", swap(FIELDS, r"extra=\"forbid\"", 'extra="ignore"')),
    # Links
    Fault("link not made", swap(ROWS, rf"^ +{AWAIT}session\.execute\(link\)\n", "")),
    Fault("link not cut", swap(ROUTES, EXECUTED.format("delete"), "")),
    # Users
    Fault(
        "open to everybody",
        swap(
            "app/main.py",
            r"include_router\(\s*router,\s*dependencies=[\s\S]*?\)\n",
            "include_router(router)\n",
        ),
    ),
    Fault(
        "any password will do",
        swap("app/auth/passwords.py", r"return matches and known", "return known"),
    ),
    Fault(
        "tokens never expire",
        swap(
            "app/auth/tokens.py",
            r'options=\{"require": CLAIMS\}',
            'options={"verify_exp": False}',
        ),
    ),
    Fault(
        "tokens outlive the password",
        swap("app/auth/tokens.py", r"return hmac\.compare_digest\(.*\)", "return True"),
    ),
    Fault("any secret will do", swap("app/auth/tokens.py", r" or _is_weak\(.*\):", ":")),
    Fault(
        "registration read before it is refused",
        swap("app/auth/routes.py", r"^ +dependencies=\[.*\n", ""),
    ),
    Fault(
        "password kept as it is",
        swap(
            "app/auth/passwords.py",
            r"return (HASHER\.hash\(password\)|await run_sync\(HASHER\.hash.*\))",
            "return password",
        ),
    ),
)
