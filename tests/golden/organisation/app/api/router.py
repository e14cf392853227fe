"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    assignments,
    badges,
    people,
    projects,
    skills,
    units,
)

router = APIRouter()
router.include_router(assignments.router)
router.include_router(badges.router)
router.include_router(people.router)
router.include_router(projects.router)
router.include_router(skills.router)
router.include_router(units.router)
