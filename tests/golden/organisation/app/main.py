"""The application: `uvicorn app.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import select

from app.api.router import router
from app.core.database import SessionDep, engine
from app.core.errors import install_error_handlers
from app.core.openapi import Api


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Give the connections back when the server stops."""
    yield
    await engine.dispose()


app = Api(
    title="organisation",
    description="An organisation: units within units, people who report to people, skills and projects.",
    version="0.1.0",
    lifespan=lifespan,
)
install_error_handlers(app)
app.include_router(router)


@app.get("/health", tags=["service"])
async def health(session: SessionDep) -> dict[str, str]:
    """Say that the application runs and reaches its database."""
    await session.execute(select(1))
    return {"status": "ok"}
