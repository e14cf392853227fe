"""What is sent and shown when users register and sign in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from app.core.fields import OUTPUT, Input

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 1024

Username = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$", to_lower=True, min_length=1, max_length=150
    ),
]
"""A name or an e-mail address; case makes no difference."""

Password = Annotated[
    str,
    StringConstraints(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH),
]


class NewUser(Input):
    """Who wants to become a user."""

    username: Username
    password: Password


class SignIn(BaseModel):
    """The form of OAuth2's password grant; what else it may hold is of no matter here."""

    grant_type: Literal["password"] = "password"
    username: Username
    password: Annotated[str, StringConstraints(max_length=MAX_PASSWORD_LENGTH)]


class AccessToken(BaseModel):
    """What to send as `Authorization: Bearer …`, and for how many seconds it is good."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


class Profile(BaseModel):
    """Users as they see themselves."""

    model_config = OUTPUT

    id: UUID
    username: str
