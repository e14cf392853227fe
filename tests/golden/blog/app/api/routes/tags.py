"""Routes of tags."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Post, PostTag, Tag
from app.schemas.posts import PostQuery, PostRead
from app.schemas.tags import TagCreate, TagQuery, TagRead, TagUpdate

router = APIRouter(prefix="/tags", tags=["tags"])


@router.get("", responses=refuses(422))
async def list_tags(query: Annotated[TagQuery, Query()], session: SessionDep) -> Page[TagRead]:
    """List tags: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Tag, query), query, TagRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_tag(body: TagCreate, session: SessionDep, response: Response) -> TagRead:
    """Make a new tag."""
    tag = Tag(**body.model_dump(exclude_unset=True))
    await save(session, tag)
    response.headers["Location"] = location("/tags", tag.id)
    return TagRead.model_validate(tag)


@router.get("/{tag_id}", responses=refuses(404, 422))
async def read_tag(tag_id: Integer, session: SessionDep) -> TagRead:
    """Show one tag."""
    tag = await find(session, Tag, tag_id)
    return TagRead.model_validate(tag)


@router.patch("/{tag_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_tag(tag_id: Integer, body: TagUpdate, session: SessionDep) -> TagRead:
    """Change what was sent of one tag, and nothing else."""
    tag = await find(session, Tag, tag_id)
    await save(session, tag, body.model_dump(exclude_unset=True))
    return TagRead.model_validate(tag)


@router.delete("/{tag_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_tag(tag_id: Integer, session: SessionDep) -> None:
    """Delete one tag for good."""
    tag = await find(session, Tag, tag_id)
    await session.delete(tag)
    await session.commit()


@router.get("/{tag_id}/posts", responses=refuses(404, 422))
async def list_posts_of_tag(
    tag_id: Integer, query: Annotated[PostQuery, Query()], session: SessionDep
) -> Page[PostRead]:
    """List the posts of one tag."""
    tag = await find(session, Tag, tag_id)
    linked = select(PostTag).where(PostTag.tag_id == tag.id, PostTag.post_id == Post.id).exists()
    rows = select_rows(Post, query).where(linked)
    return await paginate(session, rows, query, PostRead)


@router.put("/{tag_id}/posts/{post_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_post_to_tag(tag_id: Integer, post_id: Integer, session: SessionDep) -> None:
    """Link one of the posts to one tag; it may be linked already."""
    tag = await find(session, Tag, tag_id)
    post = await find(session, Post, post_id)
    linked = select(PostTag).where(PostTag.tag_id == tag.id, PostTag.post_id == post.id)
    link = insert(PostTag).values(tag_id=tag.id, post_id=post.id)
    await add_link(session, link, linked)


@router.delete("/{tag_id}/posts/{post_id}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_post_from_tag(tag_id: Integer, post_id: Integer, session: SessionDep) -> None:
    """Cut the link between one of the posts and one tag."""
    tag = await find(session, Tag, tag_id)
    post = await find(session, Post, post_id, include_deleted=True)
    linked = and_(PostTag.tag_id == tag.id, PostTag.post_id == post.id)
    if await session.scalar(select(PostTag).where(linked).limit(1)) is None:
        raise not_found("post_tags")
    await session.execute(delete(PostTag).where(linked))
    await session.commit()
