"""Values for rows: a different one for each number, written as the API shows it."""

import datetime as dt

_START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def text(word: str, number: int) -> str:
    """`title-7`"""
    return f"{word}-{number}"


def moment(number: int) -> str:
    """`2024-01-01T00:07:00Z`"""
    return (_START + dt.timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
