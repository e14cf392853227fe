"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    airports,
    flights,
)

router = APIRouter()
router.include_router(airports.router)
router.include_router(flights.router)
