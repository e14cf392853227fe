"""The application: `uvicorn app.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.api.routers import ROUTERS
from app.core.bodies import BoundedBodies
from app.core.config import get_settings
from app.core.database import SessionDep, engine
from app.core.errors import install_error_handlers, refuses
from app.core.headers import SafeHeaders
from app.core.openapi import Api


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Give the connections back when the server stops."""
    yield
    await engine.dispose()


app = Api(
    title="clinic",
    description="A clinic: patients, staff, appointments and what came of them.",
    version="0.1.0",
    openapi_url="/openapi.json" if get_settings().docs else None,  # /docs and /redoc need it
    redirect_slashes=False,  # a redirect would lead to whatever the request calls its host
    lifespan=lifespan,
)
install_error_handlers(app)
app.add_middleware(BoundedBodies)
app.add_middleware(SafeHeaders)
for router in ROUTERS:
    app.include_router(router, responses=refuses(503))


@app.get("/health", tags=["service"], responses=refuses(503))
async def health(session: SessionDep) -> dict[str, str]:
    """Say that the application runs and reaches its database."""
    try:
        await session.execute(select(1))
    except (SQLAlchemyError, OSError) as error:
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot be reached."
        ) from error
    return {"status": "ok"}
