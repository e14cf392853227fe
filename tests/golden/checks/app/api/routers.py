"""All routes of the API, by table."""

from app.api.routes import (
    offers,
    votes,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    offers.router,
    votes.router,
)
