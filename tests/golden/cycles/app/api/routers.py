"""All routes of the API, by table."""

from app.api.routes import (
    players,
    teams,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    players.router,
    teams.router,
)
