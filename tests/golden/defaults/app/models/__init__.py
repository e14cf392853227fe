"""The tables of the database and the classes that stand for their rows."""

from app.models.enums import MoreSampleMood
from app.models.more_samples import MoreSample
from app.models.samples import Sample

__all__ = [
    "MoreSample",
    "MoreSampleMood",
    "Sample",
]
