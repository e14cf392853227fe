"""All routes of the API, by table."""

from app.api.routes import (
    currencies,
    quotes,
    rates,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    currencies.router,
    quotes.router,
    rates.router,
)
