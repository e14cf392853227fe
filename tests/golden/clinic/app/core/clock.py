"""The time, from one place."""

import datetime as dt


def utc_now() -> dt.datetime:
    """Tell the time in UTC, in whole seconds: MySQL would round it, even up."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
