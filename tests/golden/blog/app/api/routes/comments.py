"""Routes of comments."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Comment
from app.schemas.comments import CommentCreate, CommentQuery, CommentRead, CommentUpdate

router = APIRouter(prefix="/comments", tags=["comments"])


@router.get("", responses=refuses(422))
async def list_comments(
    query: Annotated[CommentQuery, Query()], session: SessionDep
) -> Page[CommentRead]:
    """List comments: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Comment, query), query, CommentRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_comment(
    body: CommentCreate, session: SessionDep, response: Response
) -> CommentRead:
    """Make a new comment."""
    comment = Comment(**body.model_dump(exclude_unset=True))
    await save(session, comment)
    response.headers["Location"] = location("/comments", comment.id)
    return CommentRead.model_validate(comment)


@router.get("/{comment_id}", responses=refuses(404, 422))
async def read_comment(comment_id: Integer, session: SessionDep) -> CommentRead:
    """Show one comment."""
    comment = await find(session, Comment, comment_id)
    return CommentRead.model_validate(comment)


@router.patch("/{comment_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_comment(
    comment_id: Integer, body: CommentUpdate, session: SessionDep
) -> CommentRead:
    """Change what was sent of one comment, and nothing else."""
    comment = await find(session, Comment, comment_id)
    await save(session, comment, body.model_dump(exclude_unset=True))
    return CommentRead.model_validate(comment)


@router.delete("/{comment_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_comment(comment_id: Integer, session: SessionDep) -> None:
    """Delete one comment for good."""
    comment = await find(session, Comment, comment_id)
    await session.delete(comment)
    await session.commit()
