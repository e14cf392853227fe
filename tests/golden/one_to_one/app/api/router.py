"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    accounts,
    profiles,
    settings,
)

router = APIRouter()
router.include_router(accounts.router)
router.include_router(profiles.router)
router.include_router(settings.router)
