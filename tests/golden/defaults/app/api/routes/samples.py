"""Routes of samples."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save, spelled_out
from app.models import Sample
from app.schemas.samples import SampleCreate, SampleQuery, SampleRead, SampleUpdate

router = APIRouter(prefix="/samples", tags=["samples"])


@router.get("", responses=refuses(422))
async def list_samples(
    query: Annotated[SampleQuery, Query()], session: SessionDep
) -> Page[SampleRead]:
    """List samples: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Sample, query), query, SampleRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_sample(body: SampleCreate, session: SessionDep, response: Response) -> SampleRead:
    """Make a new sample."""
    sample = Sample(**spelled_out(body.model_dump(exclude_unset=True)))
    await save(session, sample)
    response.headers["Location"] = location("/samples", sample.id)
    return SampleRead.model_validate(sample)


@router.get("/{sample_id}", responses=refuses(404, 422))
async def read_sample(sample_id: Integer, session: SessionDep) -> SampleRead:
    """Show one sample."""
    sample = await find(session, Sample, sample_id)
    return SampleRead.model_validate(sample)


@router.patch("/{sample_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_sample(sample_id: Integer, body: SampleUpdate, session: SessionDep) -> SampleRead:
    """Change what was sent of one sample, and nothing else."""
    sample = await find(session, Sample, sample_id)
    await save(session, sample, body.model_dump(exclude_unset=True))
    return SampleRead.model_validate(sample)


@router.delete("/{sample_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_sample(sample_id: Integer, session: SessionDep) -> None:
    """Delete one sample for good."""
    sample = await find(session, Sample, sample_id)
    await session.delete(sample)
    await session.commit()
