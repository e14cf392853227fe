"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    players,
    teams,
)

router = APIRouter()
router.include_router(players.router)
router.include_router(teams.router)
