"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    machines,
    ticket,
    tickets,
)

router = APIRouter()
router.include_router(machines.router)
router.include_router(ticket.router)
router.include_router(tickets.router)
