"""All routes of the API, by table."""

from app.api.routes import (
    labels,
    notes,
    pads,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    labels.router,
    notes.router,
    pads.router,
)
