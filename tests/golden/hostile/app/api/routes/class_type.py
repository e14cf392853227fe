"""Routes of class types."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import ClassType
from app.models.enums import ClassTypeCode
from app.schemas.class_type import ClassTypeCreate, ClassTypeQuery, ClassTypeRead, ClassTypeUpdate

router = APIRouter(prefix="/class-type", tags=["class_type"])


@router.get("", responses=refuses(422))
async def list_class_type(
    query: Annotated[ClassTypeQuery, Query()], session: SessionDep
) -> Page[ClassTypeRead]:
    """List class types: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(ClassType, query), query, ClassTypeRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_class_type(
    body: ClassTypeCreate, session: SessionDep, response: Response
) -> ClassTypeRead:
    """Make a new class type."""
    class_type = ClassType(**body.model_dump(exclude_unset=True))
    await save(session, class_type)
    response.headers["Location"] = location("/class-type", class_type.code)
    return ClassTypeRead.model_validate(class_type)


@router.get("/{code}", responses=refuses(404, 422))
async def read_class_type(code: ClassTypeCode, session: SessionDep) -> ClassTypeRead:
    """Show one class type."""
    class_type = await find(session, ClassType, code)
    return ClassTypeRead.model_validate(class_type)


@router.patch("/{code}", responses=refuses(400, 404, 409, 413, 422))
async def update_class_type(
    code: ClassTypeCode, body: ClassTypeUpdate, session: SessionDep
) -> ClassTypeRead:
    """Change what was sent of one class type, and nothing else."""
    class_type = await find(session, ClassType, code)
    await save(session, class_type, body.model_dump(exclude_unset=True))
    return ClassTypeRead.model_validate(class_type)


@router.delete("/{code}", status_code=204, responses=refuses(404, 409, 422))
async def delete_class_type(code: ClassTypeCode, session: SessionDep) -> None:
    """Delete one class type for good."""
    class_type = await find(session, ClassType, code)
    await session.delete(class_type)
    await session.commit()
