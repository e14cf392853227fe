"""Routes of countries."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Country
from app.schemas.countries import CountryCreate, CountryQuery, CountryRead, CountryUpdate

router = APIRouter(prefix="/countries", tags=["countries"])


@router.get("", responses=refuses(422))
def list_countries(
    query: Annotated[CountryQuery, Query()], session: SessionDep
) -> Page[CountryRead]:
    """List countries: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Country, query), query, CountryRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_country(body: CountryCreate, session: SessionDep, response: Response) -> CountryRead:
    """Make a new country."""
    country = Country(**body.model_dump(exclude_unset=True))
    save(session, country)
    response.headers["Location"] = location("/countries", country.code)
    return CountryRead.model_validate(country)


@router.get("/{code}", responses=refuses(404, 422))
def read_country(code: Key, session: SessionDep) -> CountryRead:
    """Show one country."""
    country = find(session, Country, code)
    return CountryRead.model_validate(country)


@router.patch("/{code}", responses=refuses(400, 404, 409, 413, 422))
def update_country(code: Key, body: CountryUpdate, session: SessionDep) -> CountryRead:
    """Change what was sent of one country, and nothing else."""
    country = find(session, Country, code)
    save(session, country, body.model_dump(exclude_unset=True))
    return CountryRead.model_validate(country)


@router.delete("/{code}", status_code=204, responses=refuses(404, 409, 422))
def delete_country(code: Key, session: SessionDep) -> None:
    """Delete one country for good."""
    country = find(session, Country, code)
    session.delete(country)
    session.commit()
