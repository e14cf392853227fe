"""Rows of classes."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.core.rows import spelled_out
from app.schemas.class_ import ClassCreate
from tests.rows import Json, add, number_of, url
from tests.samples import anything, date, moment, text

CLASS__PATH = "/class"


def url_of_class_(row: Json) -> str:
    """Say where a row can be read."""
    return url(CLASS__PATH, row["import"])


async def body_of_class_(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "class")
    return {
        "class": text("class", number),
        "def": text("def", number),
        "None": number % 2 == 1,
        "lambda": number + 0.5,
        "from": date(number),
        "async": moment(number),
        "metadata": anything(number),
        "registry": text("registry", number),
        "model_config": text("model-config", number),
        "model_fields": number,
        "query": text("query", number),
        "self": text("self", number),
        "_private": number,
        "__dunder__": text("dunder", number),
        "UpperCase": text("uppercase", number),
        "int": number,
        "str": text("str", number),
        "list": text("list", number),
        "type": "class",
    }


async def make_class_(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = ClassCreate.model_validate(await body_of_class_(session) | given)
    values = spelled_out(body.model_dump(exclude_unset=True))
    return await add(session, models.Class(**values))
