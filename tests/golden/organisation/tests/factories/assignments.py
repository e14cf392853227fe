"""Rows of assignments."""

import itertools

from httpx import AsyncClient

from tests.factories.people import make_person
from tests.factories.projects import make_project
from tests.samples import Json, create, text, url

ASSIGNMENT_PATH = "/assignments"
numbers = itertools.count(1)


def url_of_assignment(row: Json) -> str:
    """Say where a row can be read."""
    return url(ASSIGNMENT_PATH, row["project_id"], row["person_id"])


async def body_of_assignment(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    person = await make_person(client)
    project = await make_project(client)
    return {
        "project_id": project["id"],
        "person_id": person["id"],
        "role": text("role", number),
        "share": 1,
    }


async def make_assignment(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, ASSIGNMENT_PATH, await body_of_assignment(client) | given)
