"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    labels,
    notes,
    pads,
)

router = APIRouter()
router.include_router(labels.router)
router.include_router(notes.router)
router.include_router(pads.router)
