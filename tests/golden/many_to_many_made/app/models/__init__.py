"""The tables of the database and the classes that stand for their rows."""

from app.models.articles import Article
from app.models.articles_related import articles_related
from app.models.articles_topics import articles_topics
from app.models.topics import Topic

__all__ = [
    "Article",
    "Topic",
    "articles_related",
    "articles_topics",
]
