"""The values that columns choose from."""

import enum


class PostStatus(enum.StrEnum):
    """Values of posts.status."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class UserRole(enum.StrEnum):
    """Values of users.role."""

    READER = "reader"
    AUTHOR = "author"
    EDITOR = "editor"
    ADMIN = "admin"
