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
    title="hostile-names_2",
    description="Everything that tends to break generators: keywords, quotes \"\"\" and ''', braces {{ 7 * 7 }} {% raw %}, ${x}, %s, back\\slashes, Größe, 名前, \u202eright to left\u202c, a line\nbreak, and a backslash at the end \\",
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
