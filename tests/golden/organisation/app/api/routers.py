"""All routes of the API, by table."""

from app.api.routes import (
    assignments,
    badges,
    people,
    projects,
    skills,
    units,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    assignments.router,
    badges.router,
    people.router,
    projects.router,
    skills.router,
    units.router,
)
