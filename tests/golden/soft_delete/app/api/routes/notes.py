"""Routes of notes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import and_, delete, insert, select

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import not_found, refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.references import check_references
from app.core.rows import add_link, find, location, save
from app.models import Label, Note, labels_notes
from app.schemas.labels import LabelQuery, LabelRead
from app.schemas.notes import NoteCreate, NoteQuery, NoteRead, NoteUpdate

router = APIRouter(prefix="/notes", tags=["notes"])


@router.get("", responses=refuses(422))
async def list_notes(query: Annotated[NoteQuery, Query()], session: SessionDep) -> Page[NoteRead]:
    """List notes: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Note, query), query, NoteRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_note(body: NoteCreate, session: SessionDep, response: Response) -> NoteRead:
    """Make a new note."""
    note = Note(**body.model_dump(exclude_unset=True))
    await save(session, note)
    response.headers["Location"] = location("/notes", note.id)
    return NoteRead.model_validate(note)


@router.get("/{note_id}", responses=refuses(404, 422))
async def read_note(
    note_id: Integer, session: SessionDep, include_deleted: bool = False
) -> NoteRead:
    """Show one note."""
    note = await find(session, Note, note_id, include_deleted=include_deleted)
    return NoteRead.model_validate(note)


@router.patch("/{note_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_note(note_id: Integer, body: NoteUpdate, session: SessionDep) -> NoteRead:
    """Change what was sent of one note, and nothing else."""
    note = await find(session, Note, note_id)
    await save(session, note, body.model_dump(exclude_unset=True))
    return NoteRead.model_validate(note)


@router.delete("/{note_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_note(note_id: Integer, session: SessionDep) -> None:
    """Hide one note; it can be restored."""
    note = await find(session, Note, note_id)
    note.is_deleted = True
    note.deleted_at = utc_now()
    await session.commit()


@router.post("/{note_id}/restore", responses=refuses(404, 422))
async def restore_note(note_id: Integer, session: SessionDep) -> NoteRead:
    """Bring one deleted note back; it may be there already."""
    note = await find(session, Note, note_id, include_deleted=True)
    await check_references(session, note, old_too=True)
    note.is_deleted = False
    note.deleted_at = None
    await save(session, note)
    return NoteRead.model_validate(note)


@router.get("/{note_id}/labels", responses=refuses(404, 422))
async def list_labels_of_note(
    note_id: Integer, query: Annotated[LabelQuery, Query()], session: SessionDep
) -> Page[LabelRead]:
    """List the labels of one note."""
    note = await find(session, Note, note_id)
    linked = (
        select(labels_notes)
        .where(labels_notes.c.note_id == note.id, labels_notes.c.label_id == Label.id)
        .exists()
    )
    rows = select_rows(Label, query).where(linked)
    return await paginate(session, rows, query, LabelRead)


@router.put("/{note_id}/labels/{label_id}", status_code=204, responses=refuses(404, 409, 422))
async def link_label_to_note(note_id: Integer, label_id: Integer, session: SessionDep) -> None:
    """Link one of the labels to one note; it may be linked already."""
    note = await find(session, Note, note_id)
    label = await find(session, Label, label_id)
    linked = select(labels_notes).where(
        labels_notes.c.note_id == note.id, labels_notes.c.label_id == label.id
    )
    link = insert(labels_notes).values(note_id=note.id, label_id=label.id)
    await add_link(session, link, linked)


@router.delete("/{note_id}/labels/{label_id}", status_code=204, responses=refuses(404, 409, 422))
async def unlink_label_from_note(note_id: Integer, label_id: Integer, session: SessionDep) -> None:
    """Cut the link between one of the labels and one note."""
    note = await find(session, Note, note_id)
    label = await find(session, Label, label_id)
    linked = and_(labels_notes.c.note_id == note.id, labels_notes.c.label_id == label.id)
    if await session.scalar(select(labels_notes).where(linked).limit(1)) is None:
        raise not_found("labels_notes")
    await session.execute(delete(labels_notes).where(linked))
    await session.commit()
