"""Routes of words."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Word
from app.schemas.words import WordCreate, WordQuery, WordRead, WordUpdate

router = APIRouter(prefix="/words", tags=["words"])


@router.get("", responses=refuses(422))
def list_words(query: Annotated[WordQuery, Query()], session: SessionDep) -> Page[WordRead]:
    """List words: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Word, query), query, WordRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_word(body: WordCreate, session: SessionDep, response: Response) -> WordRead:
    """Make a new word."""
    word = Word(**body.model_dump(exclude_unset=True))
    save(session, word)
    response.headers["Location"] = location("/words", word.word)
    return WordRead.model_validate(word)


@router.get("/{word_key}", responses=refuses(404, 422))
def read_word(word_key: Key, session: SessionDep) -> WordRead:
    """Show one word."""
    word = find(session, Word, word_key)
    return WordRead.model_validate(word)


@router.patch("/{word_key}", responses=refuses(400, 404, 409, 413, 422))
def update_word(word_key: Key, body: WordUpdate, session: SessionDep) -> WordRead:
    """Change what was sent of one word, and nothing else."""
    word = find(session, Word, word_key)
    save(session, word, body.model_dump(exclude_unset=True))
    return WordRead.model_validate(word)


@router.delete("/{word_key}", status_code=204, responses=refuses(404, 409, 422))
def delete_word(word_key: Key, session: SessionDep) -> None:
    """Delete one word for good."""
    word = find(session, Word, word_key)
    session.delete(word)
    session.commit()
