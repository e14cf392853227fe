"""Make a user: `python -m app.auth.create_user NAME`, which asks for the password or reads a line.

With `--set-password`, `--deactivate` or `--activate` it changes a user that there is.
"""

import argparse
import asyncio
import sys
from getpass import getpass

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, NoResultFound

from app.auth.passwords import hash_password
from app.auth.schemas import NewUser
from app.auth.users import add_user
from app.core.database import engine, session_factory
from app.models import AuthUser


async def write(username: str, new: NewUser | None, *, known: bool, is_active: bool) -> None:
    """Make a user, or change a known one: the password or, without one, whether to be refused."""
    try:
        async with session_factory() as session:
            if new is not None and not known:
                await add_user(session, new)
                return
            statement = select(AuthUser).where(AuthUser.username == username)
            user = (await session.scalars(statement)).one()
            if new is None:
                user.is_active = is_active
            else:
                user.password_hash = await hash_password(new.password)
            await session.commit()
    finally:
        await engine.dispose()


def read_password(parser: argparse.ArgumentParser) -> str:
    """Ask twice, so that no slip locks anybody out; what is not a terminal is read once."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass()
    if getpass("Password again: ") != password:
        parser.error("these were two passwords")
    return password


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m app.auth.create_user", description="Make a user, or change one."
    )
    parser.add_argument("username")
    changes = parser.add_mutually_exclusive_group()
    changes.add_argument("--set-password", action="store_true", help="give another password")
    changes.add_argument("--deactivate", action="store_true", help="refuse the user from now on")
    changes.add_argument("--activate", action="store_true", help="refuse the user no longer")
    given = parser.parse_args()
    name = given.username.lower()
    switched = given.deactivate or given.activate
    known = given.set_password or switched
    try:
        new = None if switched else NewUser(username=name, password=read_password(parser))
        asyncio.run(write(name, new, known=known, is_active=given.activate))
    except ValidationError as error:
        parser.error("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors()))
    except IntegrityError:
        parser.error(f"there is a user {name} already")
    except NoResultFound:
        parser.error(f"there is no user {name}")
    parser.exit(message=f"{'Changed' if known else 'Made'} the user {name}.\n")


if __name__ == "__main__":
    main()
