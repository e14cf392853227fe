"""The values that columns choose from."""

import enum


class ClassTypeCode(enum.StrEnum):
    """Values of class_type.code."""

    X = "x"
    Y = "y"


class ClassTypeEnum(enum.StrEnum):
    """Values of class.type."""

    CLASS = "class"
    NONE = "None"
    TRUE = "True"
    IMPORT = "import"
    NAME = "name"
    VALUE = "value"
    MRO = "mro"
    X = "__x__"
    IN_PROGRESS = "in progress"
    A_B = "a-b"
    A_B_2 = "a b"
    A_B_3 = "a_b"
    A_B_4 = "A B"
    BLANK = ""
    VALUE_1ST = "1st"
    UBER = "über"
    IT_S = "it's"
