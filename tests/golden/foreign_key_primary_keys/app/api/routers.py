"""All routes of the API, by table."""

from app.api.routes import (
    employees,
    managers,
    people,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    employees.router,
    managers.router,
    people.router,
)
