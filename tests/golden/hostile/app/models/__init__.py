"""The tables of the database and the classes that stand for their rows."""

from app.models.base_ import Base
from app.models.class_ import Class
from app.models.class_group import class_group
from app.models.class_type import ClassType
from app.models.enums import ClassTypeCode, ClassTypeEnum
from app.models.group import Group
from app.models.only_key import OnlyKey
from app.models.order import Order
from app.models.session import Session
from app.models.typed import Typed

__all__ = [
    "Base",
    "Class",
    "ClassType",
    "ClassTypeCode",
    "ClassTypeEnum",
    "Group",
    "OnlyKey",
    "Order",
    "Session",
    "Typed",
    "class_group",
]
