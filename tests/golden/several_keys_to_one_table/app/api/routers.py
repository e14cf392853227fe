"""All routes of the API, by table."""

from app.api.routes import (
    airports,
    flights,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    airports.router,
    flights.router,
)
