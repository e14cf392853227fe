"""The client raises what a server says as errors, whatever sort of server it is."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from backbone.client import Client, UnreachableError
from common.errors import RequestError


class _Server(BaseHTTPRequestHandler):
    """Answers by the path; notes what it was sent."""

    seen: list[tuple[str, str | None]] = []  # noqa: RUF012 - of all its instances
    pages: list[tuple[int, str]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("X-API-Key")))
        if self.path.endswith("/jobs/job_wrong"):
            faults = [{"pointer": "/schema/0", "code": "missing", "message": "is missing"}]
            problem = {"type": "about/invalid_document", "detail": "wrong", "errors": faults}
            self._answer(422, json.dumps(problem))
        elif self.path.endswith("/jobs/job_proxy"):
            self._answer(502, "<html>Bad gateway</html>")
        elif self.path.endswith("/jobs/job_deep"):
            self._answer(200, "[" * 100_000)
        elif self.path.endswith("/jobs/job_odd"):
            self._answer(400, '{"errors": 1}')
        elif "/jobs/job_followed/events" in self.path:
            self._answer(*self.pages.pop(0))
        elif self.path.endswith("/jobs/job_followed"):
            self._answer(200, '{"status": "failed"}')
        elif self.path.endswith("/jobs/job_page"):
            self._answer(200, "<html>Hello</html>")
        else:
            self._answer(200, '{"items": [], "next_cursor": null}')

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("ending", ["", "/", "/api/v1", "/api/v1/"])
def test_the_address_may_be_written_in_every_way(url: str, ending: str) -> None:
    with Client(url + ending, "a-key") as client:
        client.jobs(limit=1)
    assert _Server.seen[-1] == ("/api/v1/jobs?limit=1", "a-key")


def test_a_problem_is_raised_with_its_faults(url: str) -> None:
    with Client(url, None) as client, pytest.raises(RequestError) as raised:
        client.job("job_wrong")
    assert _Server.seen[-1][1] is None
    assert (raised.value.status, raised.value.code) == (422, "invalid_document")
    assert raised.value.detail == "422: wrong"
    assert [fault.pointer for fault in raised.value.faults] == ["/schema/0"]


def test_an_answer_of_somebody_else_is_an_error_all_the_same(url: str) -> None:
    with Client(url, None) as client, pytest.raises(RequestError, match="502: Bad Gateway"):
        client.job("job_proxy")


def test_nobody_there_says_where_it_looked() -> None:
    with (
        Client("http://127.0.0.1:1", None) as client,
        pytest.raises(UnreachableError, match="No server answers at http://127"),
    ):
        client.status()


def test_a_page_of_another_server_is_one_clear_error(url: str) -> None:
    with Client(url, None) as client, pytest.raises(UnreachableError, match="no BackBone-AI"):
        client.job("job_page")


def test_so_is_what_nobody_can_read(url: str) -> None:
    with Client(url, None) as client:
        for read in (client.job, lambda job_id: next(client.watch(job_id))):
            with pytest.raises(UnreachableError, match="no BackBone-AI"):
                read("job_deep")
        with pytest.raises(RequestError, match="400"):
            client.job("job_odd")


def test_an_id_stays_one_part_of_the_path(url: str) -> None:
    with Client(url, None) as client:
        client.job("../../admin?x=1#y")
    assert _Server.seen[-1][0] == "/api/v1/jobs/..%2F..%2Fadmin%3Fx%3D1%23y"


@pytest.mark.parametrize(
    ("address", "key"), [("http://127.0.0.1:abc", None), ("http://127.0.0.1", "ключ")]
)
def test_a_wrong_address_or_key_is_one_clear_error(address: str, key: str | None) -> None:
    with pytest.raises(UnreachableError, match="BACKBONE_"):
        Client(address, key)


def events(*told: tuple[int, str, str | None]) -> tuple[int, str]:
    items = [
        {"revision": revision, "status": status, "stage": stage} for revision, status, stage in told
    ]
    return 200, json.dumps({"items": items, "next_after": told[-1][0] if told else 4})


def test_a_job_is_followed_through_all_that_happens_to_it(url: str) -> None:
    _Server.pages[:] = [
        events((1, "queued", None), (2, "running", None)),
        events((3, "running", "plan"), (4, "running", "render")),
        (503, "{}"),
        (200, '{"items": [], "next_after": 4}'),  # nothing for a while; it is asked how it stands
        events((5, "running", "verify")),  # all that came before it was asked that
    ]
    with Client(url, None) as client:
        told = [(each["revision"], each["stage"]) for each in client.follow("job_followed")]
    assert told == [(1, None), (2, None), (3, "plan"), (4, "render"), (5, "verify")]
    assert not _Server.pages
    asked = [path.partition("after=")[2] for path, _ in _Server.seen[-6:] if "after=" in path]
    patient = "wait=30&limit=1000"
    assert asked == [f"{n}&{patient}" for n in (0, 2, 4, 4)] + ["4&wait=0&limit=1000"]
    _Server.pages[:] = [events((1, "queued", None), (2, "cancelled", None))]
    with Client(url, None) as client:
        assert [each["status"] for each in client.follow("job_followed")] == ["queued", "cancelled"]


def test_an_end_that_comes_between_the_events_and_the_question_is_told(url: str) -> None:
    _Server.pages[:] = [
        events((1, "queued", None)),
        (200, '{"items": [], "next_after": 1}'),
        events((2, "running", None), (3, "failed", None)),
    ]
    with Client(url, None) as client:
        told = [each["status"] for each in client.follow("job_followed")]
    assert told == ["queued", "running", "failed"]


def test_a_server_that_never_answered_is_not_waited_for(url: str) -> None:
    _Server.pages[:] = [(503, "{}")]
    with Client(url, None) as client, pytest.raises(RequestError, match="503"):
        list(client.follow("job_followed"))
