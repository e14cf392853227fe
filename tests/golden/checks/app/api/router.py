"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    offers,
    votes,
)

router = APIRouter()
router.include_router(offers.router)
router.include_router(votes.router)
