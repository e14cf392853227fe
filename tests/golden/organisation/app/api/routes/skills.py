"""Routes of skills."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Key, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Person, Skill, people_skills
from app.schemas.people import PersonQuery, PersonRead
from app.schemas.skills import SkillCreate, SkillQuery, SkillRead, SkillUpdate

router = APIRouter(prefix="/skills", tags=["skills"])


@router.get("", responses=refuses(422))
async def list_skills(
    query: Annotated[SkillQuery, Query()], session: SessionDep
) -> Page[SkillRead]:
    """List skills: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Skill, query), query, SkillRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_skill(body: SkillCreate, session: SessionDep, response: Response) -> SkillRead:
    """Make a new skill."""
    skill = Skill(**body.model_dump(exclude_unset=True))
    await save(session, skill)
    response.headers["Location"] = location("/skills", skill.name)
    return SkillRead.model_validate(skill)


@router.get("/{skill_name}", responses=refuses(404, 422))
async def read_skill(skill_name: Key, session: SessionDep) -> SkillRead:
    """Show one skill."""
    skill = await find(session, Skill, skill_name)
    return SkillRead.model_validate(skill)


@router.patch("/{skill_name}", responses=refuses(400, 404, 409, 413, 422))
async def update_skill(skill_name: Key, body: SkillUpdate, session: SessionDep) -> SkillRead:
    """Change what was sent of one skill, and nothing else."""
    skill = await find(session, Skill, skill_name)
    await save(session, skill, body.model_dump(exclude_unset=True))
    return SkillRead.model_validate(skill)


@router.delete("/{skill_name}", status_code=204, responses=refuses(404, 409, 422))
async def delete_skill(skill_name: Key, session: SessionDep) -> None:
    """Delete one skill for good."""
    skill = await find(session, Skill, skill_name)
    await session.delete(skill)
    await session.commit()


@router.get("/{skill_name}/people", responses=refuses(404, 422))
async def list_people_of_skill(
    skill_name: Key, query: Annotated[PersonQuery, Query()], session: SessionDep
) -> Page[PersonRead]:
    """List the people of one skill."""
    skill = await find(session, Skill, skill_name)
    linked = (
        select(people_skills)
        .where(people_skills.c.skill_name == skill.name, people_skills.c.person_id == Person.id)
        .exists()
    )
    rows = select_rows(Person, query).where(linked)
    return await paginate(session, rows, query, PersonRead)


@router.put("/{skill_name}/people/{person_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_person_to_skill(skill_name: Key, person_id: Uuid, session: SessionDep) -> None:
    """Link one of the people to one skill; it may be linked already."""
    skill = await find(session, Skill, skill_name)
    person = await find(session, Person, person_id)
    linked = select(people_skills).where(
        people_skills.c.skill_name == skill.name, people_skills.c.person_id == person.id
    )
    link = insert(people_skills).values(skill_name=skill.name, person_id=person.id)
    await add_link(session, link, linked)


@router.delete(
    "/{skill_name}/people/{person_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def unlink_person_from_skill(skill_name: Key, person_id: Uuid, session: SessionDep) -> None:
    """Cut the link between one of the people and one skill."""
    skill = await find(session, Skill, skill_name)
    person = await find(session, Person, person_id, include_deleted=True)
    linked = and_(people_skills.c.skill_name == skill.name, people_skills.c.person_id == person.id)
    if await session.scalar(select(people_skills).where(linked).limit(1)) is None:
        raise not_found("people_skills")
    await session.execute(delete(people_skills).where(linked))
    await session.commit()
