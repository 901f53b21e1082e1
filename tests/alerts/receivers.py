"""Real receivers on loopback: an HTTP server and a mail server that keep what they are sent."""

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.harness import free_port


@dataclass
class Post:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Hook:
    """A webhook receiver; ``answers`` are given in turn, then 200."""

    port: int = 0
    posts: list[Post] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    every_so_often: int = 0
    """each so many requests one is refused with 500"""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def taken(self) -> list[str]:
        """The keys that were answered with 2xx, in their order."""
        return [post.headers["webhook-id"] for post in self.posts]


@contextmanager
def hook() -> Iterator[Hook]:
    """A webhook receiver that runs."""
    kept, lock, count = Hook(), threading.Lock(), iter(range(1, 10**9))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                status, headers = kept.answers.pop(0) if kept.answers else (200, {})
                if kept.every_so_often and next(count) % kept.every_so_often == 0:
                    status = 500
                if status < 300:
                    named = {name.lower(): value for name, value in self.headers.items()}
                    kept.posts.append(Post(self.path, named, body))
            # a sender that was killed no longer listens
            with suppress(ConnectionError):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

        def log_message(self, *_said: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class PostOffice:
    """A mail server's letters; ``refusing`` is the answer to every recipient when it is set."""

    port: int = 0
    letters: list[Mail] = field(default_factory=list)
    refusing: str = ""

    async def handle_RCPT(  # noqa: N802 -- the server's own name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.refusing:
            return self.refusing
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@contextmanager
def post_office(certificate: Path | None = None) -> Iterator[PostOffice]:
    """A mail server that runs; with a certificate it speaks STARTTLS."""
    kept = PostOffice(free_port())
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    server = Controller(
        kept,
        hostname="127.0.0.1",
        port=kept.port,
        tls_context=context,
        require_starttls=bool(context),
    )
    server.start()
    try:
        yield kept
    finally:
        server.stop()


def made_certificate(directory: Path) -> Path:
    """A certificate of our own for localhost, its key beside it."""
    path = directory / "mail.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", str(path.with_suffix(".key")), "-out", str(path), "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return path
