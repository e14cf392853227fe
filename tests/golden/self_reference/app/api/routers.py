"""All routes of the API, by table."""

from app.api.routes import (
    employees,
    folders,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    employees.router,
    folders.router,
)
