"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    more_samples,
    samples,
)

router = APIRouter()
router.include_router(more_samples.router)
router.include_router(samples.router)
