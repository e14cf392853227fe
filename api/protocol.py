"""HTTP as uvicorn speaks it, with a problem also for what is no HTTP at all."""

from __future__ import annotations

import secrets

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import problem
from common.errors import RequestError


class ProblemProtocol(HttpToolsProtocol):
    """Answers malformed requests, which no application ever sees, as the application would."""

    def send_400_response(self, msg: str) -> None:
        """Tell of `msg` and hang up."""
        request_id = f"req_{secrets.token_hex(12)}"
        error = RequestError(400, "malformed_request", msg)
        answer = problem(error, request_id=request_id, instance="/")
        headers = [
            *answer.raw_headers,
            (b"x-request-id", request_id.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", b"default-src 'self'"),
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%s\r\n%s" % (lines, answer.body))
        self.transport.close()
