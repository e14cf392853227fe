"""Routes of groups."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer, Key, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save, spelled_out
from app.models import Class, Group, class_group
from app.schemas.class_ import ClassQuery, ClassRead
from app.schemas.group import GroupCreate, GroupQuery, GroupRead, GroupUpdate

router = APIRouter(prefix="/group", tags=["group"])


@router.get("", responses=refuses(422))
async def list_group(query: Annotated[GroupQuery, Query()], session: SessionDep) -> Page[GroupRead]:
    """List groups: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Group, query), query, GroupRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_group(body: GroupCreate, session: SessionDep, response: Response) -> GroupRead:
    """Make a new group."""
    group = Group(**spelled_out(body.model_dump(exclude_unset=True)))
    await save(session, group)
    response.headers["Location"] = location("/group", group.order, group.key)
    return GroupRead.model_validate(group)


@router.get("/{order}/{key}", responses=refuses(404, 422))
async def read_group(order: Uuid, key: Key, session: SessionDep) -> GroupRead:
    """Show one group."""
    group = await find(session, Group, (order, key))
    return GroupRead.model_validate(group)


@router.patch("/{order}/{key}", responses=refuses(400, 404, 409, 413, 422))
async def update_group(order: Uuid, key: Key, body: GroupUpdate, session: SessionDep) -> GroupRead:
    """Change what was sent of one group, and nothing else."""
    group = await find(session, Group, (order, key))
    await save(session, group, body.model_dump(exclude_unset=True))
    return GroupRead.model_validate(group)


@router.delete("/{order}/{key}", status_code=204, responses=refuses(404, 409, 422))
async def delete_group(order: Uuid, key: Key, session: SessionDep) -> None:
    """Delete one group for good."""
    group = await find(session, Group, (order, key))
    await session.delete(group)
    await session.commit()


@router.get("/{order}/{key}/linked-class", responses=refuses(404, 422))
async def list_linked_class_of_group(
    order: Uuid, key: Key, query: Annotated[ClassQuery, Query()], session: SessionDep
) -> Page[ClassRead]:
    """List the linked class of one group."""
    group = await find(session, Group, (order, key))
    linked = (
        select(class_group)
        .where(
            class_group.c.group_order == group.order,
            class_group.c.group_key == group.key,
            class_group.c.class_import == Class.import_,
        )
        .exists()
    )
    rows = select_rows(Class, query).where(linked)
    return await paginate(session, rows, query, ClassRead)


@router.put(
    "/{order}/{key}/linked-class/{import_}", status_code=204, responses=refuses(404, 409, 422)
)
async def link_linked_class_to_group(
    order: Uuid, key: Key, import_: Integer, session: SessionDep
) -> None:
    """Link one of the linked class to one group; it may be linked already."""
    group = await find(session, Group, (order, key))
    class_ = await find(session, Class, import_)
    linked = select(class_group).where(
        class_group.c.group_order == group.order,
        class_group.c.group_key == group.key,
        class_group.c.class_import == class_.import_,
    )
    link = insert(class_group).values(
        group_order=group.order, group_key=group.key, class_import=class_.import_
    )
    await add_link(session, link, linked)


@router.delete(
    "/{order}/{key}/linked-class/{import_}", status_code=204, responses=refuses(404, 409, 422)
)
async def unlink_linked_class_from_group(
    order: Uuid, key: Key, import_: Integer, session: SessionDep
) -> None:
    """Cut the link between one of the linked class and one group."""
    group = await find(session, Group, (order, key))
    class_ = await find(session, Class, import_, include_deleted=True)
    linked = and_(
        class_group.c.group_order == group.order,
        class_group.c.group_key == group.key,
        class_group.c.class_import == class_.import_,
    )
    if await session.scalar(select(class_group).where(linked).limit(1)) is None:
        raise not_found("class_group")
    await session.execute(delete(class_group).where(linked))
    await session.commit()
