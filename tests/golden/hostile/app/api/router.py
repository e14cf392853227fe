"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    base_,
    class_,
    class_type,
    group,
    only_key,
    order,
    session,
    typed,
)

router = APIRouter()
router.include_router(base_.router)
router.include_router(class_.router)
router.include_router(class_type.router)
router.include_router(group.router)
router.include_router(only_key.router)
router.include_router(order.router)
router.include_router(session.router)
router.include_router(typed.router)
