"""Routes of topics."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer, Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Article, Topic, articles_topics
from app.schemas.articles import ArticleQuery, ArticleRead
from app.schemas.topics import TopicCreate, TopicQuery, TopicRead, TopicUpdate

router = APIRouter(prefix="/topics", tags=["topics"])


@router.get("", responses=refuses(422))
def list_topics(query: Annotated[TopicQuery, Query()], session: SessionDep) -> Page[TopicRead]:
    """List topics: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Topic, query), query, TopicRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_topic(body: TopicCreate, session: SessionDep, response: Response) -> TopicRead:
    """Make a new topic."""
    topic = Topic(**body.model_dump(exclude_unset=True))
    save(session, topic)
    response.headers["Location"] = location("/topics", topic.slug)
    return TopicRead.model_validate(topic)


@router.get("/{slug}", responses=refuses(404, 422))
def read_topic(slug: Key, session: SessionDep) -> TopicRead:
    """Show one topic."""
    topic = find(session, Topic, slug)
    return TopicRead.model_validate(topic)


@router.patch("/{slug}", responses=refuses(400, 404, 409, 413, 422))
def update_topic(slug: Key, body: TopicUpdate, session: SessionDep) -> TopicRead:
    """Change what was sent of one topic, and nothing else."""
    topic = find(session, Topic, slug)
    save(session, topic, body.model_dump(exclude_unset=True))
    return TopicRead.model_validate(topic)


@router.delete("/{slug}", status_code=204, responses=refuses(404, 409, 422))
def delete_topic(slug: Key, session: SessionDep) -> None:
    """Delete one topic for good."""
    topic = find(session, Topic, slug)
    session.delete(topic)
    session.commit()


@router.get("/{slug}/articles", responses=refuses(404, 422))
def list_articles_of_topic(
    slug: Key, query: Annotated[ArticleQuery, Query()], session: SessionDep
) -> Page[ArticleRead]:
    """List the articles of one topic."""
    topic = find(session, Topic, slug)
    linked = (
        select(articles_topics)
        .where(
            articles_topics.c.topic_slug == topic.slug, articles_topics.c.article_id == Article.id
        )
        .exists()
    )
    rows = select_rows(Article, query).where(linked)
    return paginate(session, rows, query, ArticleRead)


@router.put("/{slug}/articles/{article_id}", status_code=204, responses=refuses(404, 409, 422))
def link_article_to_topic(slug: Key, article_id: Integer, session: SessionDep) -> None:
    """Link one of the articles to one topic; it may be linked already."""
    topic = find(session, Topic, slug)
    article = find(session, Article, article_id)
    linked = select(articles_topics).where(
        articles_topics.c.topic_slug == topic.slug, articles_topics.c.article_id == article.id
    )
    link = insert(articles_topics).values(topic_slug=topic.slug, article_id=article.id)
    add_link(session, link, linked)


@router.delete("/{slug}/articles/{article_id}", status_code=204, responses=refuses(404, 409, 422))
def unlink_article_from_topic(slug: Key, article_id: Integer, session: SessionDep) -> None:
    """Cut the link between one of the articles and one topic."""
    topic = find(session, Topic, slug)
    article = find(session, Article, article_id)
    linked = and_(
        articles_topics.c.topic_slug == topic.slug, articles_topics.c.article_id == article.id
    )
    if session.scalar(select(articles_topics).where(linked).limit(1)) is None:
        raise not_found("articles_topics")
    session.execute(delete(articles_topics).where(linked))
    session.commit()
