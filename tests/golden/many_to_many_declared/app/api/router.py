"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    clubs,
    courses,
    enrolments,
    memberships,
    students,
)

router = APIRouter()
router.include_router(clubs.router)
router.include_router(courses.router)
router.include_router(enrolments.router)
router.include_router(memberships.router)
router.include_router(students.router)
