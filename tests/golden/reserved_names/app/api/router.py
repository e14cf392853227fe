"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    class_,
    order,
    user,
)

router = APIRouter()
router.include_router(class_.router)
router.include_router(order.router)
router.include_router(user.router)
