"""Routes of a table with a name as long as postgresql will take it sixty aa."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import (
    AnotherTableWithAVeryLongName,
    ATableWithAVeryLongName,
    a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9,
)
from app.schemas.a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa import (
    ATableWithAVeryLongNameCreate,
    ATableWithAVeryLongNameQuery,
    ATableWithAVeryLongNameRead,
    ATableWithAVeryLongNameUpdate,
)
from app.schemas.a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb import (
    AnotherTableWithAVeryLongNameQuery,
    AnotherTableWithAVeryLongNameRead,
)

router = APIRouter(
    prefix="/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-aa",
    tags=["a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa"],
)


@router.get("", responses=refuses(422))
async def list_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa(
    query: Annotated[ATableWithAVeryLongNameQuery, Query()], session: SessionDep
) -> Page[ATableWithAVeryLongNameRead]:
    """List a table with a name as long as postgresql will take it sixty aa: filtered, sorted, a page at a time."""
    return await paginate(
        session, select_rows(ATableWithAVeryLongName, query), query, ATableWithAVeryLongNameRead
    )


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_a_table_with_a_very_long_name(
    body: ATableWithAVeryLongNameCreate, session: SessionDep, response: Response
) -> ATableWithAVeryLongNameRead:
    """Make a new a table with a very long name."""
    a_table_with_a_very_long_name = ATableWithAVeryLongName(**body.model_dump(exclude_unset=True))
    await save(session, a_table_with_a_very_long_name)
    response.headers["Location"] = location(
        "/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-aa",
        a_table_with_a_very_long_name.id,
    )
    return ATableWithAVeryLongNameRead.model_validate(a_table_with_a_very_long_name)


@router.get("/{a_table_with_a_very_long_name_id}", responses=refuses(404, 422))
async def read_a_table_with_a_very_long_name(
    a_table_with_a_very_long_name_id: Integer, session: SessionDep
) -> ATableWithAVeryLongNameRead:
    """Show one a table with a very long name."""
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    return ATableWithAVeryLongNameRead.model_validate(a_table_with_a_very_long_name)


@router.patch("/{a_table_with_a_very_long_name_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_a_table_with_a_very_long_name(
    a_table_with_a_very_long_name_id: Integer,
    body: ATableWithAVeryLongNameUpdate,
    session: SessionDep,
) -> ATableWithAVeryLongNameRead:
    """Change what was sent of one a table with a very long name, and nothing else."""
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    await save(session, a_table_with_a_very_long_name, body.model_dump(exclude_unset=True))
    return ATableWithAVeryLongNameRead.model_validate(a_table_with_a_very_long_name)


@router.delete(
    "/{a_table_with_a_very_long_name_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def delete_a_table_with_a_very_long_name(
    a_table_with_a_very_long_name_id: Integer, session: SessionDep
) -> None:
    """Delete one a table with a very long name for good."""
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    await session.delete(a_table_with_a_very_long_name)
    await session.commit()


@router.get(
    "/{a_table_with_a_very_long_name_id}/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-bb",
    responses=refuses(404, 422),
)
async def list_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb_of_a_table_with_a_very_long_name(
    a_table_with_a_very_long_name_id: Integer,
    query: Annotated[AnotherTableWithAVeryLongNameQuery, Query()],
    session: SessionDep,
) -> Page[AnotherTableWithAVeryLongNameRead]:
    """List the a table with a name as long as postgresql will take it sixty bb of one a table with a very long name."""
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    linked = (
        select(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9)
        .where(
            a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3
            == a_table_with_a_very_long_name.id,
            a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6
            == AnotherTableWithAVeryLongName.id,
        )
        .exists()
    )
    rows = select_rows(AnotherTableWithAVeryLongName, query).where(linked)
    return await paginate(session, rows, query, AnotherTableWithAVeryLongNameRead)


@router.put(
    "/{a_table_with_a_very_long_name_id}/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-bb/{another_table_with_a_very_long_name_id}",
    status_code=204,
    responses=refuses(404, 409, 422),
)
async def link_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb_to_a_table_with_a_very_long_name(
    a_table_with_a_very_long_name_id: Integer,
    another_table_with_a_very_long_name_id: Integer,
    session: SessionDep,
) -> None:
    """Link one of the a table with a name as long as postgresql will take it sixty bb to one a table with a very long name; it may be linked already."""
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    linked = select(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9).where(
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3
        == a_table_with_a_very_long_name.id,
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6
        == another_table_with_a_very_long_name.id,
    )
    link = insert(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9).values(
        a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3=a_table_with_a_very_long_name.id,
        a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6=another_table_with_a_very_long_name.id,
    )
    await add_link(session, link, linked)


@router.delete(
    "/{a_table_with_a_very_long_name_id}/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-bb/{another_table_with_a_very_long_name_id}",
    status_code=204,
    responses=refuses(404, 409, 422),
)
async def unlink_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb_from_a_table_with_a_very_long_name(
    a_table_with_a_very_long_name_id: Integer,
    another_table_with_a_very_long_name_id: Integer,
    session: SessionDep,
) -> None:
    """Cut the link between one of the a table with a name as long as postgresql will take it sixty bb and one a table with a very long name."""
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    linked = and_(
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3
        == a_table_with_a_very_long_name.id,
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6
        == another_table_with_a_very_long_name.id,
    )
    if (
        await session.scalar(
            select(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9)
            .where(linked)
            .limit(1)
        )
        is None
    ):
        raise not_found("a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9")
    await session.execute(
        delete(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9).where(linked)
    )
    await session.commit()
