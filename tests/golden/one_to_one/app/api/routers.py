"""All routes of the API, by table."""

from app.api.routes import (
    accounts,
    profiles,
    settings,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    accounts.router,
    profiles.router,
    settings.router,
)
