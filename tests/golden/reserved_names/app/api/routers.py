"""All routes of the API, by table."""

from app.api.routes import (
    class_,
    order,
    user,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    class_.router,
    order.router,
    user.router,
)
