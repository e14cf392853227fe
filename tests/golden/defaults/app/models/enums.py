"""The values that columns choose from."""

import enum


class MoreSampleMood(enum.StrEnum):
    """Values of more_samples.mood."""

    GOOD = "good"
    BAD = "bad"
