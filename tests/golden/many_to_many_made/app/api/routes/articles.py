"""Routes of articles."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer, Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Article, Topic, articles_related, articles_topics
from app.schemas.articles import ArticleCreate, ArticleQuery, ArticleRead, ArticleUpdate
from app.schemas.topics import TopicQuery, TopicRead

router = APIRouter(prefix="/articles", tags=["articles"])


@router.get("", responses=refuses(422))
def list_articles(
    query: Annotated[ArticleQuery, Query()], session: SessionDep
) -> Page[ArticleRead]:
    """List articles: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Article, query), query, ArticleRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_article(body: ArticleCreate, session: SessionDep, response: Response) -> ArticleRead:
    """Make a new article."""
    article = Article(**body.model_dump(exclude_unset=True))
    save(session, article)
    response.headers["Location"] = location("/articles", article.id)
    return ArticleRead.model_validate(article)


@router.get("/{article_id}", responses=refuses(404, 422))
def read_article(article_id: Integer, session: SessionDep) -> ArticleRead:
    """Show one article."""
    article = find(session, Article, article_id)
    return ArticleRead.model_validate(article)


@router.patch("/{article_id}", responses=refuses(400, 404, 409, 413, 422))
def update_article(article_id: Integer, body: ArticleUpdate, session: SessionDep) -> ArticleRead:
    """Change what was sent of one article, and nothing else."""
    article = find(session, Article, article_id)
    save(session, article, body.model_dump(exclude_unset=True))
    return ArticleRead.model_validate(article)


@router.delete("/{article_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_article(article_id: Integer, session: SessionDep) -> None:
    """Delete one article for good."""
    article = find(session, Article, article_id)
    session.delete(article)
    session.commit()


@router.get("/{article_id}/topics", responses=refuses(404, 422))
def list_topics_of_article(
    article_id: Integer, query: Annotated[TopicQuery, Query()], session: SessionDep
) -> Page[TopicRead]:
    """List the topics of one article."""
    article = find(session, Article, article_id)
    linked = (
        select(articles_topics)
        .where(
            articles_topics.c.article_id == article.id, articles_topics.c.topic_slug == Topic.slug
        )
        .exists()
    )
    rows = select_rows(Topic, query).where(linked)
    return paginate(session, rows, query, TopicRead)


@router.put("/{article_id}/topics/{slug}", status_code=204, responses=refuses(404, 409, 422))
def link_topic_to_article(article_id: Integer, slug: Key, session: SessionDep) -> None:
    """Link one of the topics to one article; it may be linked already."""
    article = find(session, Article, article_id)
    topic = find(session, Topic, slug)
    linked = select(articles_topics).where(
        articles_topics.c.article_id == article.id, articles_topics.c.topic_slug == topic.slug
    )
    link = insert(articles_topics).values(article_id=article.id, topic_slug=topic.slug)
    add_link(session, link, linked)


@router.delete("/{article_id}/topics/{slug}", status_code=204, responses=refuses(404, 409, 422))
def unlink_topic_from_article(article_id: Integer, slug: Key, session: SessionDep) -> None:
    """Cut the link between one of the topics and one article."""
    article = find(session, Article, article_id)
    topic = find(session, Topic, slug)
    linked = and_(
        articles_topics.c.article_id == article.id, articles_topics.c.topic_slug == topic.slug
    )
    if session.scalar(select(articles_topics).where(linked).limit(1)) is None:
        raise not_found("articles_topics")
    session.execute(delete(articles_topics).where(linked))
    session.commit()


@router.get("/{article_id}/related", responses=refuses(404, 422))
def list_related_of_article(
    article_id: Integer, query: Annotated[ArticleQuery, Query()], session: SessionDep
) -> Page[ArticleRead]:
    """List the related of one article."""
    article = find(session, Article, article_id)
    linked = (
        select(articles_related)
        .where(
            articles_related.c.article_id == article.id, articles_related.c.related_id == Article.id
        )
        .exists()
    )
    rows = select_rows(Article, query).where(linked)
    return paginate(session, rows, query, ArticleRead)


@router.put(
    "/{article_id}/related/{other_article_id}", status_code=204, responses=refuses(404, 409, 422)
)
def link_related_to_article(
    article_id: Integer, other_article_id: Integer, session: SessionDep
) -> None:
    """Link one of the related to one article; it may be linked already."""
    article = find(session, Article, article_id)
    other_article = find(session, Article, other_article_id)
    linked = select(articles_related).where(
        articles_related.c.article_id == article.id,
        articles_related.c.related_id == other_article.id,
    )
    link = insert(articles_related).values(article_id=article.id, related_id=other_article.id)
    add_link(session, link, linked)


@router.delete(
    "/{article_id}/related/{other_article_id}", status_code=204, responses=refuses(404, 409, 422)
)
def unlink_related_from_article(
    article_id: Integer, other_article_id: Integer, session: SessionDep
) -> None:
    """Cut the link between one of the related and one article."""
    article = find(session, Article, article_id)
    other_article = find(session, Article, other_article_id)
    linked = and_(
        articles_related.c.article_id == article.id,
        articles_related.c.related_id == other_article.id,
    )
    if session.scalar(select(articles_related).where(linked).limit(1)) is None:
        raise not_found("articles_related")
    session.execute(delete(articles_related).where(linked))
    session.commit()


@router.get("/{article_id}/related-by", responses=refuses(404, 422))
def list_related_by_of_article(
    article_id: Integer, query: Annotated[ArticleQuery, Query()], session: SessionDep
) -> Page[ArticleRead]:
    """List the related by of one article."""
    article = find(session, Article, article_id)
    linked = (
        select(articles_related)
        .where(
            articles_related.c.related_id == article.id, articles_related.c.article_id == Article.id
        )
        .exists()
    )
    rows = select_rows(Article, query).where(linked)
    return paginate(session, rows, query, ArticleRead)


@router.put(
    "/{article_id}/related-by/{other_article_id}", status_code=204, responses=refuses(404, 409, 422)
)
def link_related_by_to_article(
    article_id: Integer, other_article_id: Integer, session: SessionDep
) -> None:
    """Link one of the related by to one article; it may be linked already."""
    article = find(session, Article, article_id)
    other_article = find(session, Article, other_article_id)
    linked = select(articles_related).where(
        articles_related.c.related_id == article.id,
        articles_related.c.article_id == other_article.id,
    )
    link = insert(articles_related).values(related_id=article.id, article_id=other_article.id)
    add_link(session, link, linked)


@router.delete(
    "/{article_id}/related-by/{other_article_id}", status_code=204, responses=refuses(404, 409, 422)
)
def unlink_related_by_from_article(
    article_id: Integer, other_article_id: Integer, session: SessionDep
) -> None:
    """Cut the link between one of the related by and one article."""
    article = find(session, Article, article_id)
    other_article = find(session, Article, other_article_id)
    linked = and_(
        articles_related.c.related_id == article.id,
        articles_related.c.article_id == other_article.id,
    )
    if session.scalar(select(articles_related).where(linked).limit(1)) is None:
        raise not_found("articles_related")
    session.execute(delete(articles_related).where(linked))
    session.commit()
