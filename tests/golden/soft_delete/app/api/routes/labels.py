"""Routes of labels."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import add_link, find, location, save
from app.models import Label, Note, labels_notes
from app.schemas.labels import LabelCreate, LabelQuery, LabelRead, LabelUpdate
from app.schemas.notes import NoteQuery, NoteRead

router = APIRouter(prefix="/labels", tags=["labels"])


@router.get("", responses=refuses(422))
async def list_labels(
    query: Annotated[LabelQuery, Query()], session: SessionDep
) -> Page[LabelRead]:
    """List labels: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Label, query), query, LabelRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_label(body: LabelCreate, session: SessionDep, response: Response) -> LabelRead:
    """Make a new label."""
    label = Label(**body.model_dump(exclude_unset=True))
    await save(session, label)
    response.headers["Location"] = location("/labels", label.id)
    return LabelRead.model_validate(label)


@router.get("/{label_id}", responses=refuses(404, 422))
async def read_label(label_id: Integer, session: SessionDep) -> LabelRead:
    """Show one label."""
    label = await find(session, Label, label_id)
    return LabelRead.model_validate(label)


@router.patch("/{label_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_label(label_id: Integer, body: LabelUpdate, session: SessionDep) -> LabelRead:
    """Change what was sent of one label, and nothing else."""
    label = await find(session, Label, label_id)
    await save(session, label, body.model_dump(exclude_unset=True))
    return LabelRead.model_validate(label)


@router.delete("/{label_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_label(label_id: Integer, session: SessionDep) -> None:
    """Delete one label for good."""
    label = await find(session, Label, label_id)
    await session.delete(label)
    await session.commit()


@router.get("/{label_id}/notes", responses=refuses(404, 422))
async def list_notes_of_label(
    label_id: Integer, query: Annotated[NoteQuery, Query()], session: SessionDep
) -> Page[NoteRead]:
    """List the notes of one label."""
    label = await find(session, Label, label_id)
    linked = (
        select(labels_notes)
        .where(labels_notes.c.label_id == label.id, labels_notes.c.note_id == Note.id)
        .exists()
    )
    rows = select_rows(Note, query).where(linked)
    return await paginate(session, rows, query, NoteRead)


@router.put("/{label_id}/notes/{note_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_note_to_label(label_id: Integer, note_id: Integer, session: SessionDep) -> None:
    """Link one of the notes to one label; it may be linked already."""
    label = await find(session, Label, label_id)
    note = await find(session, Note, note_id)
    linked = select(labels_notes).where(
        labels_notes.c.label_id == label.id, labels_notes.c.note_id == note.id
    )
    link = insert(labels_notes).values(label_id=label.id, note_id=note.id)
    await add_link(session, link, linked)


@router.delete("/{label_id}/notes/{note_id}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_note_from_label(label_id: Integer, note_id: Integer, session: SessionDep) -> None:
    """Cut the link between one of the notes and one label."""
    label = await find(session, Label, label_id)
    note = await find(session, Note, note_id, include_deleted=True)
    linked = and_(labels_notes.c.label_id == label.id, labels_notes.c.note_id == note.id)
    if await session.scalar(select(labels_notes).where(linked).limit(1)) is None:
        raise not_found("labels_notes")
    await session.execute(delete(labels_notes).where(linked))
    await session.commit()
