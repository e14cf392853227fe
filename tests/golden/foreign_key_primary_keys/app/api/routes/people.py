"""Routes of people."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Person
from app.schemas.people import PersonCreate, PersonQuery, PersonRead, PersonUpdate

router = APIRouter(prefix="/people", tags=["people"])


@router.get("", responses=refuses(422))
async def list_people(
    query: Annotated[PersonQuery, Query()], session: SessionDep
) -> Page[PersonRead]:
    """List people: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Person, query), query, PersonRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_person(body: PersonCreate, session: SessionDep, response: Response) -> PersonRead:
    """Make a new person."""
    person = Person(**body.model_dump(exclude_unset=True))
    await save(session, person)
    response.headers["Location"] = location("/people", person.id)
    return PersonRead.model_validate(person)


@router.get("/{person_id}", responses=refuses(404, 422))
async def read_person(person_id: BigInteger, session: SessionDep) -> PersonRead:
    """Show one person."""
    person = await find(session, Person, person_id)
    return PersonRead.model_validate(person)


@router.patch("/{person_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_person(
    person_id: BigInteger, body: PersonUpdate, session: SessionDep
) -> PersonRead:
    """Change what was sent of one person, and nothing else."""
    person = await find(session, Person, person_id)
    await save(session, person, body.model_dump(exclude_unset=True))
    return PersonRead.model_validate(person)


@router.delete("/{person_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_person(person_id: BigInteger, session: SessionDep) -> None:
    """Delete one person for good."""
    person = await find(session, Person, person_id)
    await session.delete(person)
    await session.commit()
