"""Routes of a table with a name as long as postgresql will take it sixty bb."""

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
    ATableWithAVeryLongNameQuery,
    ATableWithAVeryLongNameRead,
)
from app.schemas.a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb import (
    AnotherTableWithAVeryLongNameCreate,
    AnotherTableWithAVeryLongNameQuery,
    AnotherTableWithAVeryLongNameRead,
    AnotherTableWithAVeryLongNameUpdate,
)

router = APIRouter(
    prefix="/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-bb",
    tags=["a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb"],
)


@router.get("", responses=refuses(422))
async def list_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb(
    query: Annotated[AnotherTableWithAVeryLongNameQuery, Query()], session: SessionDep
) -> Page[AnotherTableWithAVeryLongNameRead]:
    """List a table with a name as long as postgresql will take it sixty bb: filtered, sorted, a page at a time."""
    return await paginate(
        session,
        select_rows(AnotherTableWithAVeryLongName, query),
        query,
        AnotherTableWithAVeryLongNameRead,
    )


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_another_table_with_a_very_long_name(
    body: AnotherTableWithAVeryLongNameCreate, session: SessionDep, response: Response
) -> AnotherTableWithAVeryLongNameRead:
    """Make a new another table with a very long name."""
    another_table_with_a_very_long_name = AnotherTableWithAVeryLongName(
        **body.model_dump(exclude_unset=True)
    )
    await save(session, another_table_with_a_very_long_name)
    response.headers["Location"] = location(
        "/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-bb",
        another_table_with_a_very_long_name.id,
    )
    return AnotherTableWithAVeryLongNameRead.model_validate(another_table_with_a_very_long_name)


@router.get("/{another_table_with_a_very_long_name_id}", responses=refuses(404, 422))
async def read_another_table_with_a_very_long_name(
    another_table_with_a_very_long_name_id: Integer, session: SessionDep
) -> AnotherTableWithAVeryLongNameRead:
    """Show one another table with a very long name."""
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    return AnotherTableWithAVeryLongNameRead.model_validate(another_table_with_a_very_long_name)


@router.patch(
    "/{another_table_with_a_very_long_name_id}", responses=refuses(400, 404, 409, 413, 422)
)
async def update_another_table_with_a_very_long_name(
    another_table_with_a_very_long_name_id: Integer,
    body: AnotherTableWithAVeryLongNameUpdate,
    session: SessionDep,
) -> AnotherTableWithAVeryLongNameRead:
    """Change what was sent of one another table with a very long name, and nothing else."""
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    await save(session, another_table_with_a_very_long_name, body.model_dump(exclude_unset=True))
    return AnotherTableWithAVeryLongNameRead.model_validate(another_table_with_a_very_long_name)


@router.delete(
    "/{another_table_with_a_very_long_name_id}", status_code=204, responses=refuses(404, 409, 422)
)
async def delete_another_table_with_a_very_long_name(
    another_table_with_a_very_long_name_id: Integer, session: SessionDep
) -> None:
    """Delete one another table with a very long name for good."""
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    await session.delete(another_table_with_a_very_long_name)
    await session.commit()


@router.get(
    "/{another_table_with_a_very_long_name_id}/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-aa",
    responses=refuses(404, 422),
)
async def list_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa_of_another_table_with_a_very_long_name(
    another_table_with_a_very_long_name_id: Integer,
    query: Annotated[ATableWithAVeryLongNameQuery, Query()],
    session: SessionDep,
) -> Page[ATableWithAVeryLongNameRead]:
    """List the a table with a name as long as postgresql will take it sixty aa of one another table with a very long name."""
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    linked = (
        select(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9)
        .where(
            a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6
            == another_table_with_a_very_long_name.id,
            a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3
            == ATableWithAVeryLongName.id,
        )
        .exists()
    )
    rows = select_rows(ATableWithAVeryLongName, query).where(linked)
    return await paginate(session, rows, query, ATableWithAVeryLongNameRead)


@router.put(
    "/{another_table_with_a_very_long_name_id}/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-aa/{a_table_with_a_very_long_name_id}",
    status_code=204,
    responses=refuses(404, 409, 422),
)
async def link_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa_to_another_table_with_a_very_long_name(
    another_table_with_a_very_long_name_id: Integer,
    a_table_with_a_very_long_name_id: Integer,
    session: SessionDep,
) -> None:
    """Link one of the a table with a name as long as postgresql will take it sixty aa to one another table with a very long name; it may be linked already."""
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    linked = select(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9).where(
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6
        == another_table_with_a_very_long_name.id,
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3
        == a_table_with_a_very_long_name.id,
    )
    link = insert(a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9).values(
        a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6=another_table_with_a_very_long_name.id,
        a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3=a_table_with_a_very_long_name.id,
    )
    await add_link(session, link, linked)


@router.delete(
    "/{another_table_with_a_very_long_name_id}/a-table-with-a-name-as-long-as-postgresql-will-take-it-sixty-aa/{a_table_with_a_very_long_name_id}",
    status_code=204,
    responses=refuses(404, 409, 422),
)
async def unlink_a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa_from_another_table_with_a_very_long_name(
    another_table_with_a_very_long_name_id: Integer,
    a_table_with_a_very_long_name_id: Integer,
    session: SessionDep,
) -> None:
    """Cut the link between one of the a table with a name as long as postgresql will take it sixty aa and one another table with a very long name."""
    another_table_with_a_very_long_name = await find(
        session, AnotherTableWithAVeryLongName, another_table_with_a_very_long_name_id
    )
    a_table_with_a_very_long_name = await find(
        session, ATableWithAVeryLongName, a_table_with_a_very_long_name_id
    )
    linked = and_(
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6
        == another_table_with_a_very_long_name.id,
        a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9.c.a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3
        == a_table_with_a_very_long_name.id,
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
