"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    articles,
    topics,
)

router = APIRouter()
router.include_router(articles.router)
router.include_router(topics.router)
