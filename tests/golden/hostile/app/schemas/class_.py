"""What the API takes in and shows of classes."""

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    Date,
    DateTime,
    Float,
    Input,
    Integer,
    Json,
    Moment,
    SmallInteger,
    Text,
    with_example,
)
from app.core.filters import (
    AT_LEAST,
    AT_MOST,
    CONTAINS,
    IS_NULL,
    Fragment,
    SoftDeleteQuery,
    sorting,
)
from app.models.enums import ClassTypeEnum


class ClassCreate(Input):
    """A new class."""

    model_config = with_example(
        {
            "class": "class-1",
            "def": "def-1",
            "None": True,
            "lambda": 1.5,
            "from": "2024-01-02",
            "async": "2024-01-01T00:01:00Z",
            "metadata": {"number": 1, "list": [None, True, "text"]},
            "registry": "registry-1",
            "model_config": "model-config-1",
            "model_fields": 1,
            "query": "query-1",
            "self": "self-1",
            "_private": 1,
            "__dunder__": "dunder-1",
            "UpperCase": "uppercase-1",
            "int": 1,
            "str": "str-1",
            "list": "list-1",
            "type": "class",
        }
    )

    class_: Text = Field(
        default='it\'s "quoted" \\ {braces} {{twice}} %s %% ${x}', max_length=100, alias="class"
    )
    def_: Text | None = Field(default='"""', max_length=1_000_000, alias="def")
    None_: bool = Field(default=True, alias="None")
    lambda_: Float | None = Field(default=-0.5, alias="lambda")
    from_: Date | None = Field(default=dt.date(2000, 2, 29), alias="from")
    async_: DateTime | None = Field(
        default=dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC), alias="async"
    )
    metadata_: Json | None = Field(
        default={"a": [1, None, {"b": "'"}], "class": "None"}, alias="metadata"
    )
    registry_: Text | None = Field(default=None, max_length=40, alias="registry")
    column_model_config_: Text | None = Field(default="None", max_length=40, alias="model_config")
    column_model_fields_: Integer | None = Field(default=-2147483648, alias="model_fields")
    query: Text | None = Field(default="datetime.now()", max_length=40)
    self_: Text | None = Field(default="", max_length=40, alias="self")
    private_: SmallInteger | None = Field(default=32767, alias="_private")
    dunder_: Text | None = Field(default=None, max_length=40, alias="__dunder__")
    UpperCase: Text | None = Field(default=None, max_length=40)
    int_: BigInteger | None = Field(default=9007199254740993, alias="int")
    str_: Text | None = Field(default=None, max_length=40, alias="str")
    list_: Text | None = Field(default=None, max_length=40, alias="list")
    type: ClassTypeEnum = Field(default=ClassTypeEnum.IN_PROGRESS, strict=False)


class ClassUpdate(Input):
    """Changes to one class; what is left out stays as it is."""

    model_config = CHANGES

    class_: Text = Field(default=ABSENT, max_length=100, alias="class")
    def_: Text | None = Field(default=ABSENT, max_length=1_000_000, alias="def")
    None_: bool = Field(default=ABSENT, alias="None")
    lambda_: Float | None = Field(default=ABSENT, alias="lambda")
    from_: Date | None = Field(default=ABSENT, alias="from")
    async_: DateTime | None = Field(default=ABSENT, alias="async")
    metadata_: Json | None = Field(default=ABSENT, alias="metadata")
    registry_: Text | None = Field(default=ABSENT, max_length=40, alias="registry")
    column_model_config_: Text | None = Field(default=ABSENT, max_length=40, alias="model_config")
    column_model_fields_: Integer | None = Field(default=ABSENT, alias="model_fields")
    query: Text | None = Field(default=ABSENT, max_length=40)
    self_: Text | None = Field(default=ABSENT, max_length=40, alias="self")
    private_: SmallInteger | None = Field(default=ABSENT, alias="_private")
    dunder_: Text | None = Field(default=ABSENT, max_length=40, alias="__dunder__")
    UpperCase: Text | None = Field(default=ABSENT, max_length=40)
    int_: BigInteger | None = Field(default=ABSENT, alias="int")
    str_: Text | None = Field(default=ABSENT, max_length=40, alias="str")
    list_: Text | None = Field(default=ABSENT, max_length=40, alias="list")
    type: ClassTypeEnum = Field(default=ABSENT, strict=False)


class ClassRead(BaseModel):
    """One class, as it is stored."""

    model_config = OUTPUT

    import_: int = Field(serialization_alias="import")
    class_: str = Field(serialization_alias="class")
    def_: str | None = Field(serialization_alias="def")
    None_: bool = Field(serialization_alias="None")
    lambda_: float | None = Field(serialization_alias="lambda")
    from_: dt.date | None = Field(serialization_alias="from")
    async_: DateTime | None = Field(serialization_alias="async")
    metadata_: Any = Field(serialization_alias="metadata")
    registry_: str | None = Field(serialization_alias="registry")
    column_model_config_: str | None = Field(serialization_alias="model_config")
    column_model_fields_: int | None = Field(serialization_alias="model_fields")
    query: str | None
    self_: str | None = Field(serialization_alias="self")
    private_: int | None = Field(serialization_alias="_private")
    dunder_: str | None = Field(serialization_alias="__dunder__")
    UpperCase: str | None
    int_: int | None = Field(serialization_alias="int")
    str_: str | None = Field(serialization_alias="str")
    list_: str | None = Field(serialization_alias="list")
    type: ClassTypeEnum
    created_at: DateTime
    updated_at: DateTime
    is_deleted: bool
    deleted_at: DateTime | None


class ClassQuery(SoftDeleteQuery):
    """Which classes to list, and in what order."""

    sort: str | None = sorting(
        [
            "import",
            "class",
            "def",
            "None",
            "lambda",
            "from",
            "async",
            "registry",
            "model_config",
            "model_fields",
            "query",
            "self",
            "_private",
            "__dunder__",
            "UpperCase",
            "int",
            "str",
            "list",
            "type",
            "created_at",
            "updated_at",
            "is_deleted",
            "deleted_at",
        ]
    )
    import_: Integer | None = Field(default=None, alias="import")
    class_: Text | None = Field(default=None, alias="class")
    class___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="class__contains"
    )
    def_: Text | None = Field(default=None, alias="def")
    def___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="def__contains"
    )
    def___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="def__isnull")
    None_: bool | None = Field(default=None, alias="None")
    lambda_: Float | None = Field(default=None, alias="lambda")
    lambda___gte: Annotated[Float | None, AT_LEAST] = Field(default=None, alias="lambda__gte")
    lambda___lte: Annotated[Float | None, AT_MOST] = Field(default=None, alias="lambda__lte")
    lambda___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="lambda__isnull")
    from_: Date | None = Field(default=None, alias="from")
    from___gte: Annotated[Date | None, AT_LEAST] = Field(default=None, alias="from__gte")
    from___lte: Annotated[Date | None, AT_MOST] = Field(default=None, alias="from__lte")
    from___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="from__isnull")
    async_: Moment | None = Field(default=None, alias="async")
    async___gte: Annotated[Moment | None, AT_LEAST] = Field(default=None, alias="async__gte")
    async___lte: Annotated[Moment | None, AT_MOST] = Field(default=None, alias="async__lte")
    async___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="async__isnull")
    metadata___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="metadata__isnull"
    )
    registry_: Text | None = Field(default=None, alias="registry")
    registry___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="registry__contains"
    )
    registry___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="registry__isnull"
    )
    column_model_config_: Text | None = Field(default=None, alias="model_config")
    column_model_config___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="model_config__contains"
    )
    column_model_config___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="model_config__isnull"
    )
    column_model_fields_: Integer | None = Field(default=None, alias="model_fields")
    column_model_fields___gte: Annotated[Integer | None, AT_LEAST] = Field(
        default=None, alias="model_fields__gte"
    )
    column_model_fields___lte: Annotated[Integer | None, AT_MOST] = Field(
        default=None, alias="model_fields__lte"
    )
    column_model_fields___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="model_fields__isnull"
    )
    query: Text | None = None
    query__contains: Annotated[Fragment | None, CONTAINS] = None
    query__isnull: Annotated[bool | None, IS_NULL] = None
    self_: Text | None = Field(default=None, alias="self")
    self___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="self__contains"
    )
    self___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="self__isnull")
    private_: SmallInteger | None = Field(default=None, alias="_private")
    private___gte: Annotated[SmallInteger | None, AT_LEAST] = Field(
        default=None, alias="_private__gte"
    )
    private___lte: Annotated[SmallInteger | None, AT_MOST] = Field(
        default=None, alias="_private__lte"
    )
    private___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="_private__isnull"
    )
    dunder_: Text | None = Field(default=None, alias="__dunder__")
    dunder___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="__dunder____contains"
    )
    dunder___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="__dunder____isnull"
    )
    UpperCase: Text | None = None
    UpperCase__contains: Annotated[Fragment | None, CONTAINS] = None
    UpperCase__isnull: Annotated[bool | None, IS_NULL] = None
    int_: BigInteger | None = Field(default=None, alias="int")
    int___gte: Annotated[BigInteger | None, AT_LEAST] = Field(default=None, alias="int__gte")
    int___lte: Annotated[BigInteger | None, AT_MOST] = Field(default=None, alias="int__lte")
    int___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="int__isnull")
    str_: Text | None = Field(default=None, alias="str")
    str___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="str__contains"
    )
    str___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="str__isnull")
    list_: Text | None = Field(default=None, alias="list")
    list___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="list__contains"
    )
    list___isnull: Annotated[bool | None, IS_NULL] = Field(default=None, alias="list__isnull")
    type: ClassTypeEnum | None = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
    is_deleted: bool | None = None
    deleted_at: Moment | None = None
    deleted_at__gte: Annotated[Moment | None, AT_LEAST] = None
    deleted_at__lte: Annotated[Moment | None, AT_MOST] = None
    deleted_at__isnull: Annotated[bool | None, IS_NULL] = None
