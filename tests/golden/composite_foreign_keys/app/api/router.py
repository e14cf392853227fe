"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    boxes,
    shelves,
    warehouses,
)

router = APIRouter()
router.include_router(boxes.router)
router.include_router(shelves.router)
router.include_router(warehouses.router)
