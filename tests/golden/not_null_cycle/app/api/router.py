"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    order_lines,
    orders,
)

router = APIRouter()
router.include_router(order_lines.router)
router.include_router(orders.router)
