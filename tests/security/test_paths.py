"""No path in a URL leads to anything but the files of the caller's own job, on a real server."""

from __future__ import annotations

import json
import socket
from typing import Any

from common.document.names import PROJECT_NAME
from tests.contract.conftest import API_KEY, NOTES, MountedApi

FILES = {"README.md": "mine", "app/main.py": "app = 1\n"}
Answer = tuple[int, dict[str, str], bytes]

OUTSIDE = [
    "../report.json",
    "../../../../etc/passwd",
    "app/../README.md",
    "./README.md",
    "app//main.py",
    "/README.md",
    "%2e%2e/report.json",
    "%2e%2e%2freport.json",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%252e%252e%252freport.json",
    "%25252e%25252e%25252freport.json",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "//etc/passwd",
    "file:///etc/passwd",
    "README.md%00",
    "README.md%00.txt",
    "%00README.md",
    "..%5creport.json",
    "..%5c..%5cwindows%5cwin.ini",
    "..\\report.json",
    "C:%5cwindows%5cwin.ini",
    "C:/windows/win.ini",
    "%c0%ae%c0%ae/report.json",
    "%c0%ae%c0%ae%c0%afreport.json",
    "%e0%80%ae%e0%80%ae%e0%80%afreport.json",
    "%uff0e%uff0e/report.json",
    "..%ef%bc%8freport.json",
    "README.md/",
    "README.md;/../report.json",
    "README.md%20",
    "readme.md",
    "CON",
    "*",
    "app",
    "app/",
    "x" * 4000,
]


def ask(port: int, path: str) -> Answer:
    """The answer to exactly this path: no client makes anything else of it."""
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head.encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    told, _, body = received.partition(b"\r\n\r\n")
    lines = told.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


def problem(answer: Answer) -> tuple[int, dict[str, Any]]:
    members = json.loads(answer[2])
    del members["instance"], members["request_id"]
    return answer[0], members


async def test_no_path_leads_out_of_the_files_of_a_job(api: MountedApi, port: int) -> None:
    job_id = await api.submit()
    api.finish(job_id, FILES)
    files = f"/api/v1/jobs/{job_id}/files"
    assert ask(port, f"{files}/README.md")[::2] == (200, b"mine")
    usual = problem(ask(port, f"{files}/nothing"))
    assert usual[0] == 404
    for path in OUTSIDE:
        assert problem(ask(port, f"{files}/{path}")) == usual, path


async def test_no_id_leads_to_anothers_files(api: MountedApi, port: int) -> None:
    job_id = await api.submit()
    api.finish(job_id, FILES)
    for way in (
        f"../jobs/{job_id}",
        f"x%2f..%2f{job_id}",
        f"{job_id}%2f..%2f{job_id}",
        "..",
        "%2e",
    ):
        for end in ("artifact", "report", "files", "files/README.md"):
            status, _, body = ask(port, f"/api/v1/jobs/{way}/{end}")
            assert status == 404, (way, end)
            assert b"mine" not in body


async def test_a_file_is_text_and_nothing_else_whatever_it_is(api: MountedApi, port: int) -> None:
    job_id = await api.submit()
    api.finish(job_id, {"evil.html": "<script>alert(1)</script>", "evil.svg": "<svg onload=x>"})
    for name in ("evil.html", "evil.svg"):
        status, headers, _ = ask(port, f"/api/v1/jobs/{job_id}/files/{name}")
        assert status == 200
        assert headers["content-type"] == "text/plain; charset=utf-8"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'self'"


NAMES = ["../x", "a/b", "a\\b", 'a"; filename="b', "a\r\nX: y", "..", "a b", "a.b", "\u00e9"]


async def test_no_name_of_a_project_is_part_of_a_path_or_a_header(api: MountedApi) -> None:
    for name in NAMES:
        assert not PROJECT_NAME.fullmatch(name)
        answer = await api.post("/api/v1/generate", NOTES | {"project_name": name})
        assert answer.status_code == 422, name
        assert "/project_name" in {each["pointer"] for each in answer.json()["errors"]}
