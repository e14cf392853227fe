"""The tables of the database and the classes that stand for their rows."""

from app.models.assignments import Assignment
from app.models.badges import Badge
from app.models.people import Person
from app.models.people_mentees import people_mentees
from app.models.people_skills import people_skills
from app.models.projects import Project
from app.models.skills import Skill
from app.models.units import Unit

__all__ = [
    "Assignment",
    "Badge",
    "Person",
    "Project",
    "Skill",
    "Unit",
    "people_mentees",
    "people_skills",
]
