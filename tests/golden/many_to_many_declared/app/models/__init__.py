"""The tables of the database and the classes that stand for their rows."""

from app.models.clubs import Club
from app.models.courses import Course
from app.models.enrolments import Enrolment
from app.models.memberships import Membership
from app.models.students import Student

__all__ = [
    "Club",
    "Course",
    "Enrolment",
    "Membership",
    "Student",
]
