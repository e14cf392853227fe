"""All routes of the API, by table."""

from app.api.routes import (
    base_,
    class_,
    class_type,
    group,
    only_key,
    order,
    session,
    typed,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    base_.router,
    class_.router,
    class_type.router,
    group.router,
    only_key.router,
    order.router,
    session.router,
    typed.router,
)
