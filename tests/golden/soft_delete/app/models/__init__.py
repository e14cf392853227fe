"""The tables of the database and the classes that stand for their rows."""

from app.models.labels import Label
from app.models.labels_notes import labels_notes
from app.models.notes import Note
from app.models.pads import Pad

__all__ = [
    "Label",
    "Note",
    "Pad",
    "labels_notes",
]
