"""All routes of the API, by table."""

from app.api.routes import (
    bookings,
    rooms,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    bookings.router,
    rooms.router,
)
