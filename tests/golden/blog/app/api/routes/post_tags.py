"""Routes of post tags."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import PostTag
from app.schemas.post_tags import PostTagCreate, PostTagQuery, PostTagRead

router = APIRouter(prefix="/post-tags", tags=["post_tags"])


@router.get("", responses=refuses(422))
async def list_post_tags(
    query: Annotated[PostTagQuery, Query()], session: SessionDep
) -> Page[PostTagRead]:
    """List post tags: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(PostTag, query), query, PostTagRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_post_tag(
    body: PostTagCreate, session: SessionDep, response: Response
) -> PostTagRead:
    """Make a new post tag."""
    post_tag = PostTag(**body.model_dump(exclude_unset=True))
    await save(session, post_tag)
    response.headers["Location"] = location("/post-tags", post_tag.post_id, post_tag.tag_id)
    return PostTagRead.model_validate(post_tag)


@router.get("/{post_id}/{tag_id}", responses=refuses(404, 422))
async def read_post_tag(post_id: Integer, tag_id: Integer, session: SessionDep) -> PostTagRead:
    """Show one post tag."""
    post_tag = await find(session, PostTag, (post_id, tag_id))
    return PostTagRead.model_validate(post_tag)


@router.delete("/{post_id}/{tag_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_post_tag(post_id: Integer, tag_id: Integer, session: SessionDep) -> None:
    """Delete one post tag for good."""
    post_tag = await find(session, PostTag, (post_id, tag_id))
    await session.delete(post_tag)
    await session.commit()
