"""All routes of the API, by table."""

from app.api.routes import (
    clubs,
    courses,
    enrolments,
    memberships,
    students,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    clubs.router,
    courses.router,
    enrolments.router,
    memberships.router,
    students.router,
)
