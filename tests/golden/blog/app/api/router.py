"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    comments,
    post_tags,
    posts,
    tags,
    users,
)

router = APIRouter()
router.include_router(comments.router)
router.include_router(post_tags.router)
router.include_router(posts.router)
router.include_router(tags.router)
router.include_router(users.router)
