"""Routes of cities."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import City
from app.schemas.cities import CityCreate, CityQuery, CityRead, CityUpdate

router = APIRouter(prefix="/cities", tags=["cities"])


@router.get("", responses=refuses(422))
def list_cities(query: Annotated[CityQuery, Query()], session: SessionDep) -> Page[CityRead]:
    """List cities: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(City, query), query, CityRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_city(body: CityCreate, session: SessionDep, response: Response) -> CityRead:
    """Make a new city."""
    city = City(**body.model_dump(exclude_unset=True))
    save(session, city)
    response.headers["Location"] = location("/cities", city.id)
    return CityRead.model_validate(city)


@router.get("/{city_id}", responses=refuses(404, 422))
def read_city(city_id: Uuid, session: SessionDep) -> CityRead:
    """Show one city."""
    city = find(session, City, city_id)
    return CityRead.model_validate(city)


@router.patch("/{city_id}", responses=refuses(400, 404, 409, 413, 422))
def update_city(city_id: Uuid, body: CityUpdate, session: SessionDep) -> CityRead:
    """Change what was sent of one city, and nothing else."""
    city = find(session, City, city_id)
    save(session, city, body.model_dump(exclude_unset=True))
    return CityRead.model_validate(city)


@router.delete("/{city_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_city(city_id: Uuid, session: SessionDep) -> None:
    """Delete one city for good."""
    city = find(session, City, city_id)
    session.delete(city)
    session.commit()
