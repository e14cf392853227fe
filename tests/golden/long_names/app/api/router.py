"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa,
    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb,
)

router = APIRouter()
router.include_router(a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa.router)
router.include_router(a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb.router)
