"""All routes of the API, by table."""

from app.api.routes import (
    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa,
    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb,
)

# The application includes each by itself: one router around them would be searched before them
ROUTERS = (
    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa.router,
    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb.router,
)
