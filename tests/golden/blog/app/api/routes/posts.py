"""Routes of posts."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.references import check_references
from app.core.rows import add_link, find, location, save
from app.models import Post, PostTag, Tag
from app.schemas.posts import PostCreate, PostQuery, PostRead, PostUpdate
from app.schemas.tags import TagQuery, TagRead

router = APIRouter(prefix="/posts", tags=["posts"])


@router.get("", responses=refuses(422))
async def list_posts(query: Annotated[PostQuery, Query()], session: SessionDep) -> Page[PostRead]:
    """List posts: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Post, query), query, PostRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_post(body: PostCreate, session: SessionDep, response: Response) -> PostRead:
    """Make a new post."""
    post = Post(**body.model_dump(exclude_unset=True))
    await save(session, post)
    response.headers["Location"] = location("/posts", post.id)
    return PostRead.model_validate(post)


@router.get("/{post_id}", responses=refuses(404, 422))
async def read_post(
    post_id: Integer, session: SessionDep, include_deleted: bool = False
) -> PostRead:
    """Show one post."""
    post = await find(session, Post, post_id, include_deleted=include_deleted)
    return PostRead.model_validate(post)


@router.patch("/{post_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_post(post_id: Integer, body: PostUpdate, session: SessionDep) -> PostRead:
    """Change what was sent of one post, and nothing else."""
    post = await find(session, Post, post_id)
    await save(session, post, body.model_dump(exclude_unset=True))
    return PostRead.model_validate(post)


@router.delete("/{post_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_post(post_id: Integer, session: SessionDep) -> None:
    """Hide one post; it can be restored."""
    post = await find(session, Post, post_id)
    post.is_deleted = True
    post.deleted_at = utc_now()
    await session.commit()


@router.post("/{post_id}/restore", responses=refuses(404, 422))
async def restore_post(post_id: Integer, session: SessionDep) -> PostRead:
    """Bring one deleted post back; it may be there already."""
    post = await find(session, Post, post_id, include_deleted=True)
    await check_references(session, post, old_too=True)
    post.is_deleted = False
    post.deleted_at = None
    await save(session, post)
    return PostRead.model_validate(post)


@router.get("/{post_id}/tags", responses=refuses(404, 422))
async def list_tags_of_post(
    post_id: Integer, query: Annotated[TagQuery, Query()], session: SessionDep
) -> Page[TagRead]:
    """List the tags of one post."""
    post = await find(session, Post, post_id)
    linked = select(PostTag).where(PostTag.post_id == post.id, PostTag.tag_id == Tag.id).exists()
    rows = select_rows(Tag, query).where(linked)
    return await paginate(session, rows, query, TagRead)


@router.put("/{post_id}/tags/{tag_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_tag_to_post(post_id: Integer, tag_id: Integer, session: SessionDep) -> None:
    """Link one of the tags to one post; it may be linked already."""
    post = await find(session, Post, post_id)
    tag = await find(session, Tag, tag_id)
    linked = select(PostTag).where(PostTag.post_id == post.id, PostTag.tag_id == tag.id)
    link = insert(PostTag).values(post_id=post.id, tag_id=tag.id)
    await add_link(session, link, linked)


@router.delete("/{post_id}/tags/{tag_id}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_tag_from_post(post_id: Integer, tag_id: Integer, session: SessionDep) -> None:
    """Cut the link between one of the tags and one post."""
    post = await find(session, Post, post_id)
    tag = await find(session, Tag, tag_id)
    linked = and_(PostTag.post_id == post.id, PostTag.tag_id == tag.id)
    if await session.scalar(select(PostTag).where(linked).limit(1)) is None:
        raise not_found("post_tags")
    await session.execute(delete(PostTag).where(linked))
    await session.commit()
