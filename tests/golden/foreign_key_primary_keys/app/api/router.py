"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    employees,
    managers,
    people,
)

router = APIRouter()
router.include_router(employees.router)
router.include_router(managers.router)
router.include_router(people.router)
