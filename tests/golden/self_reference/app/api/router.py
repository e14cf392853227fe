"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    employees,
    folders,
)

router = APIRouter()
router.include_router(employees.router)
router.include_router(folders.router)
