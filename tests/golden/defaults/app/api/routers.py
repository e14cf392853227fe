"""All routes of the API, by table."""

from app.api.routes import (
    more_samples,
    samples,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    more_samples.router,
    samples.router,
)
