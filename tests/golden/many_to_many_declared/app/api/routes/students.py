"""Routes of students."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Club, Course, Enrolment, Membership, Student
from app.schemas.clubs import ClubQuery, ClubRead
from app.schemas.courses import CourseQuery, CourseRead
from app.schemas.students import StudentCreate, StudentQuery, StudentRead, StudentUpdate

router = APIRouter(prefix="/students", tags=["students"])


@router.get("", responses=refuses(422))
async def list_students(
    query: Annotated[StudentQuery, Query()], session: SessionDep
) -> Page[StudentRead]:
    """List students: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Student, query), query, StudentRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_student(
    body: StudentCreate, session: SessionDep, response: Response
) -> StudentRead:
    """Make a new student."""
    student = Student(**body.model_dump(exclude_unset=True))
    await save(session, student)
    response.headers["Location"] = location("/students", student.id)
    return StudentRead.model_validate(student)


@router.get("/{student_id}", responses=refuses(404, 422))
async def read_student(student_id: Integer, session: SessionDep) -> StudentRead:
    """Show one student."""
    student = await find(session, Student, student_id)
    return StudentRead.model_validate(student)


@router.patch("/{student_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_student(
    student_id: Integer, body: StudentUpdate, session: SessionDep
) -> StudentRead:
    """Change what was sent of one student, and nothing else."""
    student = await find(session, Student, student_id)
    await save(session, student, body.model_dump(exclude_unset=True))
    return StudentRead.model_validate(student)


@router.delete("/{student_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_student(student_id: Integer, session: SessionDep) -> None:
    """Delete one student for good."""
    student = await find(session, Student, student_id)
    await session.delete(student)
    await session.commit()


@router.get("/{student_id}/courses", responses=refuses(404, 422))
async def list_courses_of_student(
    student_id: Integer, query: Annotated[CourseQuery, Query()], session: SessionDep
) -> Page[CourseRead]:
    """List the courses of one student."""
    student = await find(session, Student, student_id)
    linked = (
        select(Enrolment)
        .where(Enrolment.student_id == student.id, Enrolment.course_id == Course.id)
        .exists()
    )
    rows = select_rows(Course, query).where(linked)
    return await paginate(session, rows, query, CourseRead)


@router.get("/{student_id}/clubs", responses=refuses(404, 422))
async def list_clubs_of_student(
    student_id: Integer, query: Annotated[ClubQuery, Query()], session: SessionDep
) -> Page[ClubRead]:
    """List the clubs of one student."""
    student = await find(session, Student, student_id)
    linked = (
        select(Membership)
        .where(Membership.student_id == student.id, Membership.club_id == Club.id)
        .exists()
    )
    rows = select_rows(Club, query).where(linked)
    return await paginate(session, rows, query, ClubRead)


@router.put("/{student_id}/clubs/{club_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_club_to_student(student_id: Integer, club_id: Uuid, session: SessionDep) -> None:
    """Link one of the clubs to one student; it may be linked already."""
    student = await find(session, Student, student_id)
    club = await find(session, Club, club_id)
    linked = select(Membership).where(
        Membership.student_id == student.id, Membership.club_id == club.id
    )
    link = insert(Membership).values(student_id=student.id, club_id=club.id)
    await add_link(session, link, linked)


@router.delete("/{student_id}/clubs/{club_id}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_club_from_student(student_id: Integer, club_id: Uuid, session: SessionDep) -> None:
    """Cut the link between one of the clubs and one student."""
    student = await find(session, Student, student_id)
    club = await find(session, Club, club_id)
    linked = and_(Membership.student_id == student.id, Membership.club_id == club.id)
    if await session.scalar(select(Membership).where(linked).limit(1)) is None:
        raise not_found("memberships")
    await session.execute(delete(Membership).where(linked))
    await session.commit()
