"""All routes of the API, by table."""

from app.api.routes import (
    comments,
    post_tags,
    posts,
    tags,
    users,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    comments.router,
    post_tags.router,
    posts.router,
    tags.router,
    users.router,
)
