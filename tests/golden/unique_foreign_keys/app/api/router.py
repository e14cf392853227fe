"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    currencies,
    quotes,
    rates,
)

router = APIRouter()
router.include_router(currencies.router)
router.include_router(quotes.router)
router.include_router(rates.router)
