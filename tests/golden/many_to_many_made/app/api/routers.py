"""All routes of the API, by table."""

from app.api.routes import (
    articles,
    topics,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    articles.router,
    topics.router,
)
