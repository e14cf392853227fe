"""All routes of the API, by table."""

from app.api.routes import (
    boxes,
    shelves,
    warehouses,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    boxes.router,
    shelves.router,
    warehouses.router,
)
