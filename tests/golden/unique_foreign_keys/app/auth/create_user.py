"""Make a user: `python -m app.auth.create_user NAME`, which asks for the password or reads a line."""

import argparse
import sys
from getpass import getpass

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from app.auth.schemas import NewUser
from app.auth.users import add_user
from app.core.database import engine, session_factory


def create(new: NewUser) -> None:
    """Write the user into the application's database."""
    try:
        with session_factory() as session:
            add_user(session, new)
    finally:
        engine.dispose()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m app.auth.create_user", description="Make a user."
    )
    parser.add_argument("username")
    username = parser.parse_args().username
    password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    try:
        new = NewUser(username=username, password=password)
    except ValidationError as error:
        parser.error("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors()))
    try:
        create(new)
    except IntegrityError:
        parser.error(f"there is a user {new.username} already")
    parser.exit(message=f"Made the user {new.username}.\n")


if __name__ == "__main__":
    main()
