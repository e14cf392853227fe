"""Routes of classes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Class
from app.schemas.class_ import ClassCreate, ClassQuery, ClassRead, ClassUpdate

router = APIRouter(prefix="/class", tags=["class"])


@router.get("", responses=refuses(422))
async def list_class_(
    query: Annotated[ClassQuery, Query()], session: SessionDep
) -> Page[ClassRead]:
    """List classes: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Class, query), query, ClassRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_class_(body: ClassCreate, session: SessionDep, response: Response) -> ClassRead:
    """Make a new class."""
    class_ = Class(**body.model_dump(exclude_unset=True))
    await save(session, class_)
    response.headers["Location"] = location("/class", class_.id)
    return ClassRead.model_validate(class_)


@router.get("/{class__id}", responses=refuses(404, 422))
async def read_class_(class__id: Integer, session: SessionDep) -> ClassRead:
    """Show one class."""
    class_ = await find(session, Class, class__id)
    return ClassRead.model_validate(class_)


@router.patch("/{class__id}", responses=refuses(400, 404, 409, 413, 422))
async def update_class_(class__id: Integer, body: ClassUpdate, session: SessionDep) -> ClassRead:
    """Change what was sent of one class, and nothing else."""
    class_ = await find(session, Class, class__id)
    await save(session, class_, body.model_dump(exclude_unset=True))
    return ClassRead.model_validate(class_)


@router.delete("/{class__id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_class_(class__id: Integer, session: SessionDep) -> None:
    """Delete one class for good."""
    class_ = await find(session, Class, class__id)
    await session.delete(class_)
    await session.commit()
