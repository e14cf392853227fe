"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    bookings,
    rooms,
)

router = APIRouter()
router.include_router(bookings.router)
router.include_router(rooms.router)
