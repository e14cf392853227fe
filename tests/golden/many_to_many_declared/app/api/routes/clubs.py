"""Routes of clubs."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Club, Membership, Student
from app.schemas.clubs import ClubCreate, ClubQuery, ClubRead, ClubUpdate
from app.schemas.students import StudentQuery, StudentRead

router = APIRouter(prefix="/clubs", tags=["clubs"])


@router.get("", responses=refuses(422))
async def list_clubs(query: Annotated[ClubQuery, Query()], session: SessionDep) -> Page[ClubRead]:
    """List clubs: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Club, query), query, ClubRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_club(body: ClubCreate, session: SessionDep, response: Response) -> ClubRead:
    """Make a new club."""
    club = Club(**body.model_dump(exclude_unset=True))
    await save(session, club)
    response.headers["Location"] = location("/clubs", club.id)
    return ClubRead.model_validate(club)


@router.get("/{club_id}", responses=refuses(404, 422))
async def read_club(club_id: Uuid, session: SessionDep) -> ClubRead:
    """Show one club."""
    club = await find(session, Club, club_id)
    return ClubRead.model_validate(club)


@router.patch("/{club_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_club(club_id: Uuid, body: ClubUpdate, session: SessionDep) -> ClubRead:
    """Change what was sent of one club, and nothing else."""
    club = await find(session, Club, club_id)
    await save(session, club, body.model_dump(exclude_unset=True))
    return ClubRead.model_validate(club)


@router.delete("/{club_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_club(club_id: Uuid, session: SessionDep) -> None:
    """Delete one club for good."""
    club = await find(session, Club, club_id)
    await session.delete(club)
    await session.commit()


@router.get("/{club_id}/students", responses=refuses(404, 422))
async def list_students_of_club(
    club_id: Uuid, query: Annotated[StudentQuery, Query()], session: SessionDep
) -> Page[StudentRead]:
    """List the students of one club."""
    club = await find(session, Club, club_id)
    linked = (
        select(Membership)
        .where(Membership.club_id == club.id, Membership.student_id == Student.id)
        .exists()
    )
    rows = select_rows(Student, query).where(linked)
    return await paginate(session, rows, query, StudentRead)


@router.put("/{club_id}/students/{student_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_student_to_club(club_id: Uuid, student_id: Integer, session: SessionDep) -> None:
    """Link one of the students to one club; it may be linked already."""
    club = await find(session, Club, club_id)
    student = await find(session, Student, student_id)
    linked = select(Membership).where(
        Membership.club_id == club.id, Membership.student_id == student.id
    )
    link = insert(Membership).values(club_id=club.id, student_id=student.id)
    await add_link(session, link, linked)


@router.delete(
    "/{club_id}/students/{student_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def unlink_student_from_club(club_id: Uuid, student_id: Integer, session: SessionDep) -> None:
    """Cut the link between one of the students and one club."""
    club = await find(session, Club, club_id)
    student = await find(session, Student, student_id)
    linked = and_(Membership.club_id == club.id, Membership.student_id == student.id)
    if await session.scalar(select(Membership).where(linked).limit(1)) is None:
        raise not_found("memberships")
    await session.execute(delete(Membership).where(linked))
    await session.commit()
