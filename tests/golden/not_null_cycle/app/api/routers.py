"""All routes of the API, by table."""

from app.api.routes import (
    order_lines,
    orders,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    order_lines.router,
    orders.router,
)
