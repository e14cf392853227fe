"""Routes of folders."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Folder
from app.schemas.folders import FolderCreate, FolderQuery, FolderRead, FolderUpdate

router = APIRouter(prefix="/folders", tags=["folders"])


@router.get("", responses=refuses(422))
def list_folders(query: Annotated[FolderQuery, Query()], session: SessionDep) -> Page[FolderRead]:
    """List folders: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Folder, query), query, FolderRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_folder(body: FolderCreate, session: SessionDep, response: Response) -> FolderRead:
    """Make a new folder."""
    folder = Folder(**body.model_dump(exclude_unset=True))
    save(session, folder)
    response.headers["Location"] = location("/folders", folder.id)
    return FolderRead.model_validate(folder)


@router.get("/{folder_id}", responses=refuses(404, 422))
def read_folder(folder_id: Integer, session: SessionDep) -> FolderRead:
    """Show one folder."""
    folder = find(session, Folder, folder_id)
    return FolderRead.model_validate(folder)


@router.patch("/{folder_id}", responses=refuses(400, 404, 409, 413, 422))
def update_folder(folder_id: Integer, body: FolderUpdate, session: SessionDep) -> FolderRead:
    """Change what was sent of one folder, and nothing else."""
    folder = find(session, Folder, folder_id)
    save(session, folder, body.model_dump(exclude_unset=True))
    return FolderRead.model_validate(folder)


@router.delete("/{folder_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_folder(folder_id: Integer, session: SessionDep) -> None:
    """Delete one folder for good."""
    folder = find(session, Folder, folder_id)
    session.delete(folder)
    session.commit()
