"""All routes of the API: by table, and those of operations."""

from app.api.routes import (
    operations,
    orders,
    products,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    orders.router,
    products.router,
    operations.router,
)
