"""All routes of the API."""

from fastapi import APIRouter

from app.api.routes import (
    cities,
    countries,
    prices,
    words,
)

router = APIRouter()
router.include_router(cities.router)
router.include_router(countries.router)
router.include_router(prices.router)
router.include_router(words.router)
