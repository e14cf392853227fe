"""Routes of courses."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Course, Enrolment, Student
from app.schemas.courses import CourseCreate, CourseQuery, CourseRead, CourseUpdate
from app.schemas.students import StudentQuery, StudentRead

router = APIRouter(prefix="/courses", tags=["courses"])


@router.get("", responses=refuses(422))
async def list_courses(
    query: Annotated[CourseQuery, Query()], session: SessionDep
) -> Page[CourseRead]:
    """List courses: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Course, query), query, CourseRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_course(body: CourseCreate, session: SessionDep, response: Response) -> CourseRead:
    """Make a new course."""
    course = Course(**body.model_dump(exclude_unset=True))
    await save(session, course)
    response.headers["Location"] = location("/courses", course.id)
    return CourseRead.model_validate(course)


@router.get("/{course_id}", responses=refuses(404, 422))
async def read_course(course_id: Integer, session: SessionDep) -> CourseRead:
    """Show one course."""
    course = await find(session, Course, course_id)
    return CourseRead.model_validate(course)


@router.patch("/{course_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_course(course_id: Integer, body: CourseUpdate, session: SessionDep) -> CourseRead:
    """Change what was sent of one course, and nothing else."""
    course = await find(session, Course, course_id)
    await save(session, course, body.model_dump(exclude_unset=True))
    return CourseRead.model_validate(course)


@router.delete("/{course_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_course(course_id: Integer, session: SessionDep) -> None:
    """Delete one course for good."""
    course = await find(session, Course, course_id)
    await session.delete(course)
    await session.commit()


@router.get("/{course_id}/students", responses=refuses(404, 422))
async def list_students_of_course(
    course_id: Integer, query: Annotated[StudentQuery, Query()], session: SessionDep
) -> Page[StudentRead]:
    """List the students of one course."""
    course = await find(session, Course, course_id)
    linked = (
        select(Enrolment)
        .where(Enrolment.course_id == course.id, Enrolment.student_id == Student.id)
        .exists()
    )
    rows = select_rows(Student, query).where(linked)
    return await paginate(session, rows, query, StudentRead)
