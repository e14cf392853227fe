"""Routes of classes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer, Key, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save, spelled_out
from app.models import Class, Group, class_group
from app.schemas.class_ import ClassCreate, ClassQuery, ClassRead, ClassUpdate
from app.schemas.group import GroupQuery, GroupRead

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
    class_ = Class(**spelled_out(body.model_dump(exclude_unset=True)))
    await save(session, class_)
    response.headers["Location"] = location("/class", class_.import_)
    return ClassRead.model_validate(class_)


@router.get("/{import_}", responses=refuses(404, 422))
async def read_class_(
    import_: Integer, session: SessionDep, include_deleted: bool = False
) -> ClassRead:
    """Show one class."""
    class_ = await find(session, Class, import_, include_deleted=include_deleted)
    return ClassRead.model_validate(class_)


@router.patch("/{import_}", responses=refuses(400, 404, 409, 413, 422))
async def update_class_(import_: Integer, body: ClassUpdate, session: SessionDep) -> ClassRead:
    """Change what was sent of one class, and nothing else."""
    class_ = await find(session, Class, import_)
    await save(session, class_, body.model_dump(exclude_unset=True))
    return ClassRead.model_validate(class_)


@router.delete("/{import_}", status_code=204, responses=refuses(404, 409, 422))
async def delete_class_(import_: Integer, session: SessionDep) -> None:
    """Hide one class; it can be restored."""
    class_ = await find(session, Class, import_)
    class_.is_deleted = True
    class_.deleted_at = utc_now()
    await session.commit()


@router.post("/{import_}/restore", responses=refuses(404, 422))
async def restore_class_(import_: Integer, session: SessionDep) -> ClassRead:
    """Bring one deleted class back; it may be there already."""
    class_ = await find(session, Class, import_, include_deleted=True)
    class_.is_deleted = False
    class_.deleted_at = None
    await save(session, class_)
    return ClassRead.model_validate(class_)


@router.get("/{import_}/groups", responses=refuses(404, 422))
async def list_groups_of_class_(
    import_: Integer, query: Annotated[GroupQuery, Query()], session: SessionDep
) -> Page[GroupRead]:
    """List the groups of one class."""
    class_ = await find(session, Class, import_)
    linked = (
        select(class_group)
        .where(
            class_group.c.class_import == class_.import_,
            class_group.c.group_order == Group.order,
            class_group.c.group_key == Group.key,
        )
        .exists()
    )
    rows = select_rows(Group, query).where(linked)
    return await paginate(session, rows, query, GroupRead)


@router.put("/{import_}/groups/{order}/{key}", status_code=204, responses=refuses(404, 409, 422))
async def link_group_to_class_(
    import_: Integer, order: Uuid, key: Key, session: SessionDep
) -> None:
    """Link one of the groups to one class; it may be linked already."""
    class_ = await find(session, Class, import_)
    group = await find(session, Group, (order, key))
    linked = select(class_group).where(
        class_group.c.class_import == class_.import_,
        class_group.c.group_order == group.order,
        class_group.c.group_key == group.key,
    )
    link = insert(class_group).values(
        class_import=class_.import_, group_order=group.order, group_key=group.key
    )
    await add_link(session, link, linked)


@router.delete("/{import_}/groups/{order}/{key}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_group_from_class_(
    import_: Integer, order: Uuid, key: Key, session: SessionDep
) -> None:
    """Cut the link between one of the groups and one class."""
    class_ = await find(session, Class, import_)
    group = await find(session, Group, (order, key))
    linked = and_(
        class_group.c.class_import == class_.import_,
        class_group.c.group_order == group.order,
        class_group.c.group_key == group.key,
    )
    if await session.scalar(select(class_group).where(linked).limit(1)) is None:
        raise not_found("class_group")
    await session.execute(delete(class_group).where(linked))
    await session.commit()
