"""All routes of the API, by table."""

from app.api.routes import (
    machines,
    ticket,
    tickets,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    machines.router,
    ticket.router,
    tickets.router,
)
