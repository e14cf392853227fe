"""All routes of the API, by table."""

from app.api.routes import (
    cities,
    countries,
    prices,
    words,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    cities.router,
    countries.router,
    prices.router,
    words.router,
)
