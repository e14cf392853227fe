"""The time, from one place."""

import datetime as dt


def utc_now() -> dt.datetime:
    """Tell the time in UTC."""
    return dt.datetime.now(dt.UTC)
