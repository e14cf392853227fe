"""Routes of people."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Key, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.references import check_references
from app.core.rows import add_link, find, location, save
from app.models import Person, Skill, people_mentees, people_skills
from app.schemas.people import PersonCreate, PersonQuery, PersonRead, PersonUpdate
from app.schemas.skills import SkillQuery, SkillRead

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
async def read_person(
    person_id: Uuid, session: SessionDep, include_deleted: bool = False
) -> PersonRead:
    """Show one person."""
    person = await find(session, Person, person_id, include_deleted=include_deleted)
    return PersonRead.model_validate(person)


@router.patch("/{person_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_person(person_id: Uuid, body: PersonUpdate, session: SessionDep) -> PersonRead:
    """Change what was sent of one person, and nothing else."""
    person = await find(session, Person, person_id)
    await save(session, person, body.model_dump(exclude_unset=True))
    return PersonRead.model_validate(person)


@router.delete("/{person_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_person(person_id: Uuid, session: SessionDep) -> None:
    """Hide one person; it can be restored."""
    person = await find(session, Person, person_id)
    person.is_deleted = True
    person.deleted_at = utc_now()
    await session.commit()


@router.post("/{person_id}/restore", responses=refuses(404, 422))
async def restore_person(person_id: Uuid, session: SessionDep) -> PersonRead:
    """Bring one deleted person back; it may be there already."""
    person = await find(session, Person, person_id, include_deleted=True)
    await check_references(session, person, old_too=True)
    person.is_deleted = False
    person.deleted_at = None
    await save(session, person)
    return PersonRead.model_validate(person)


@router.get("/{person_id}/mentees", responses=refuses(404, 422))
async def list_mentees_of_person(
    person_id: Uuid, query: Annotated[PersonQuery, Query()], session: SessionDep
) -> Page[PersonRead]:
    """List the mentees of one person."""
    person = await find(session, Person, person_id)
    linked = (
        select(people_mentees)
        .where(people_mentees.c.person_id == person.id, people_mentees.c.mentee_id == Person.id)
        .exists()
    )
    rows = select_rows(Person, query).where(linked)
    return await paginate(session, rows, query, PersonRead)


@router.put(
    "/{person_id}/mentees/{other_person_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def link_mentee_to_person(
    person_id: Uuid, other_person_id: Uuid, session: SessionDep
) -> None:
    """Link one of the mentees to one person; it may be linked already."""
    person = await find(session, Person, person_id)
    other_person = await find(session, Person, other_person_id)
    linked = select(people_mentees).where(
        people_mentees.c.person_id == person.id, people_mentees.c.mentee_id == other_person.id
    )
    link = insert(people_mentees).values(person_id=person.id, mentee_id=other_person.id)
    await add_link(session, link, linked)


@router.delete(
    "/{person_id}/mentees/{other_person_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def unlink_mentee_from_person(
    person_id: Uuid, other_person_id: Uuid, session: SessionDep
) -> None:
    """Cut the link between one of the mentees and one person."""
    person = await find(session, Person, person_id)
    other_person = await find(session, Person, other_person_id, include_deleted=True)
    linked = and_(
        people_mentees.c.person_id == person.id, people_mentees.c.mentee_id == other_person.id
    )
    if await session.scalar(select(people_mentees).where(linked).limit(1)) is None:
        raise not_found("people_mentees")
    await session.execute(delete(people_mentees).where(linked))
    await session.commit()


@router.get("/{person_id}/mentors", responses=refuses(404, 422))
async def list_mentors_of_person(
    person_id: Uuid, query: Annotated[PersonQuery, Query()], session: SessionDep
) -> Page[PersonRead]:
    """List the mentors of one person."""
    person = await find(session, Person, person_id)
    linked = (
        select(people_mentees)
        .where(people_mentees.c.mentee_id == person.id, people_mentees.c.person_id == Person.id)
        .exists()
    )
    rows = select_rows(Person, query).where(linked)
    return await paginate(session, rows, query, PersonRead)


@router.put(
    "/{person_id}/mentors/{other_person_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def link_mentor_to_person(
    person_id: Uuid, other_person_id: Uuid, session: SessionDep
) -> None:
    """Link one of the mentors to one person; it may be linked already."""
    person = await find(session, Person, person_id)
    other_person = await find(session, Person, other_person_id)
    linked = select(people_mentees).where(
        people_mentees.c.mentee_id == person.id, people_mentees.c.person_id == other_person.id
    )
    link = insert(people_mentees).values(mentee_id=person.id, person_id=other_person.id)
    await add_link(session, link, linked)


@router.delete(
    "/{person_id}/mentors/{other_person_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def unlink_mentor_from_person(
    person_id: Uuid, other_person_id: Uuid, session: SessionDep
) -> None:
    """Cut the link between one of the mentors and one person."""
    person = await find(session, Person, person_id)
    other_person = await find(session, Person, other_person_id, include_deleted=True)
    linked = and_(
        people_mentees.c.mentee_id == person.id, people_mentees.c.person_id == other_person.id
    )
    if await session.scalar(select(people_mentees).where(linked).limit(1)) is None:
        raise not_found("people_mentees")
    await session.execute(delete(people_mentees).where(linked))
    await session.commit()


@router.get("/{person_id}/skills", responses=refuses(404, 422))
async def list_skills_of_person(
    person_id: Uuid, query: Annotated[SkillQuery, Query()], session: SessionDep
) -> Page[SkillRead]:
    """List the skills of one person."""
    person = await find(session, Person, person_id)
    linked = (
        select(people_skills)
        .where(people_skills.c.person_id == person.id, people_skills.c.skill_name == Skill.name)
        .exists()
    )
    rows = select_rows(Skill, query).where(linked)
    return await paginate(session, rows, query, SkillRead)


@router.put("/{person_id}/skills/{skill_name}", status_code=204, responses=refuses(404, 409, 422))
async def link_skill_to_person(person_id: Uuid, skill_name: Key, session: SessionDep) -> None:
    """Link one of the skills to one person; it may be linked already."""
    person = await find(session, Person, person_id)
    skill = await find(session, Skill, skill_name)
    linked = select(people_skills).where(
        people_skills.c.person_id == person.id, people_skills.c.skill_name == skill.name
    )
    link = insert(people_skills).values(person_id=person.id, skill_name=skill.name)
    await add_link(session, link, linked)


@router.delete(
    "/{person_id}/skills/{skill_name}", status_code=204, responses=refuses(404, 409, 422)
)
async def unlink_skill_from_person(person_id: Uuid, skill_name: Key, session: SessionDep) -> None:
    """Cut the link between one of the skills and one person."""
    person = await find(session, Person, person_id)
    skill = await find(session, Skill, skill_name)
    linked = and_(people_skills.c.person_id == person.id, people_skills.c.skill_name == skill.name)
    if await session.scalar(select(people_skills).where(linked).limit(1)) is None:
        raise not_found("people_skills")
    await session.execute(delete(people_skills).where(linked))
    await session.commit()
