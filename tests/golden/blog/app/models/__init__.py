"""The tables of the database and the classes that stand for their rows."""

from app.models.comments import Comment
from app.models.enums import PostStatus, UserRole
from app.models.post_tags import PostTag
from app.models.posts import Post
from app.models.tags import Tag
from app.models.users import User

__all__ = [
    "Comment",
    "Post",
    "PostStatus",
    "PostTag",
    "Tag",
    "User",
    "UserRole",
]
