"""What the API takes in and shows of words."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Key, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class WordCreate(Input):
    """A new word."""

    model_config = with_example({"word": "word-1", "meaning": "meaning-1"})

    word: Key = Field(max_length=1_000)
    meaning: Text | None = Field(default=None, max_length=1_000_000)


class WordUpdate(Input):
    """Changes to one word; what is left out stays as it is."""

    model_config = CHANGES

    meaning: Text | None = Field(default=ABSENT, max_length=1_000_000)


class WordRead(BaseModel):
    """One word, as it is stored."""

    model_config = OUTPUT

    word: str
    meaning: str | None


class WordQuery(ListQuery):
    """Which words to list, and in what order."""

    sort: str | None = sorting(["word", "meaning"])
    word: Text | None = None
    word__contains: Annotated[Fragment | None, CONTAINS] = None
    meaning: Text | None = None
    meaning__contains: Annotated[Fragment | None, CONTAINS] = None
    meaning__isnull: Annotated[bool | None, IS_NULL] = None
