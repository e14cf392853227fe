"""What a job made, over HTTP: the zip, its files, the report; before, after and too late."""

import hashlib
import io
import zipfile
from itertools import product

import pytest

JOBS = "/api/v1/jobs"
FILES = {"README.md": "# Héllo", "app/main.py": "app = 1\n", "app/__init__.py": ""}
ENDS = ["artifact", "files", "files/README.md", "report"]


async def test_the_zip(api) -> None:
    job_id = await api.submit()
    content = api.finish(job_id, FILES)
    answer = await api.get(f"{JOBS}/{job_id}/artifact")
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert answer.headers["Content-Disposition"] == 'attachment; filename="notes.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == sorted(FILES)


async def test_the_list_of_files(api) -> None:
    job_id = await api.submit()
    api.finish(job_id, FILES)
    answer = await api.get(f"{JOBS}/{job_id}/files")
    assert answer.json()["items"] == [
        {
            "path": path,
            "size_bytes": len(text.encode()),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
        for path, text in sorted(FILES.items())
    ]


@pytest.mark.parametrize("path", FILES)
async def test_one_file(api, path) -> None:
    job_id = await api.submit()
    api.finish(job_id, FILES)
    answer = await api.get(f"{JOBS}/{job_id}/files/{path}")
    assert answer.status_code == 200
    assert answer.content == FILES[path].encode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["nothing", "app", "app/", "../project.zip", "%2e%2e/report.json", "/etc/passwd", "readme.md"],
)
async def test_a_file_that_there_is_not(api, path) -> None:
    job_id = await api.submit()
    api.finish(job_id, FILES)
    answer = await api.get(f"{JOBS}/{job_id}/files/{path}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_failed_job_shows_files_and_report_and_no_artifact(api) -> None:
    job_id = await api.submit()
    api.finish(job_id, FILES, failed=True)
    assert (await api.get(f"{JOBS}/{job_id}/report")).json() == {"level": "full", "checks": []}
    assert len((await api.get(f"{JOBS}/{job_id}/files")).json()["items"]) == 3
    assert (await api.get(f"{JOBS}/{job_id}/files/README.md")).text == "# Héllo"
    answer = await api.get(f"{JOBS}/{job_id}/artifact")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "The job is failed: there is no artifact."


@pytest.mark.parametrize(("end", "state"), [*product(ENDS, ["queued", "running", "cancelled"])])
async def test_before_there_is_anything(api, end, state) -> None:
    job_id = await api.submit()
    if state == "running":
        api.claim(job_id)
    elif state == "cancelled":
        await api.post(f"{JOBS}/{job_id}/cancel")
    answer = await api.get(f"{JOBS}/{job_id}/{end}")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/not_ready"
    assert state in answer.json()["detail"]


@pytest.mark.parametrize("end", ENDS)
async def test_once_it_has_expired(start_api, end) -> None:
    api = await start_api(artifact_retention_hours=1)
    job_id = await api.submit()
    api.finish(job_id, FILES)
    assert (await api.get(f"{JOBS}/{job_id}/{end}")).status_code == 200
    api.clock.step(3600)
    answer = await api.get(f"{JOBS}/{job_id}/{end}")
    assert answer.status_code == 410
    assert answer.json()["type"] == "/problems/expired"
    job = (await api.get(f"{JOBS}/{job_id}")).json()
    assert job["expires_at"] is not None
    [listed] = (await api.get(JOBS)).json()["items"]
    for seen in (job, listed):  # at once, and not only when it has been removed
        assert seen["links"][end.partition("/")[0]] is None


@pytest.mark.parametrize("end", ENDS)
async def test_once_it_is_gone_from_the_store(api, end) -> None:
    job_id = await api.submit()
    api.finish(job_id, FILES)
    api.services.artifacts.delete(f"jobs/{job_id}")
    answer = await api.get(f"{JOBS}/{job_id}/{end}")
    assert answer.status_code == 410
