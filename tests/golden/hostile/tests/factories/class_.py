"""Rows of class."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, anything, create, date, moment, text, url

CLASS__PATH = "/class"
numbers = itertools.count(1)


def url_of_class_(row: Json) -> str:
    """Say where a row can be read."""
    return url(CLASS__PATH, row["import"])


async def body_of_class_(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
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


async def make_class_(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, CLASS__PATH, await body_of_class_(client) | given)
