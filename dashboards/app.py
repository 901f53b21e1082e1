"""The pages and the API as one application, and the server that answers for it."""

import ipaddress
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import flask
from dash import Dash, Input, Output
from waitress.server import create_server
from werkzeug.wrappers import Response

from dashboards import api, shell
from dashboards.config import DashboardsConfig
from dashboards.pages import page_of
from dashboards.pages.go import destination
from process_model.config import ModelConfig
from process_model.errors import ConfigError
from process_model.state import State
from process_model.store import Handle, Store

_log = logging.getLogger(__name__)

# Everything comes from this origin. Inline scripts and styles are Dash's own way of working.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Serving:
    """The server that runs."""

    port: int


def create_app(reader: Handle, config: DashboardsConfig, health: Callable[[], list[str]]) -> Dash:
    """Pages, API and health routes, all asking through ``reader``."""
    app = Dash(
        "dashboards",
        title="Throughline",
        update_title="",
        suppress_callback_exceptions=True,
        assets_folder=str(shell.ASSETS),
        assets_ignore=r"notices.*",
        compress=True,
        enable_mcp=False,
        index_string=shell.INDEX,
    )
    app.layout = shell.layout()
    _route_pages(app, reader)
    app.server.register_blueprint(api.create_blueprint(reader))
    _route_health(app.server, health)
    _guard(app.server, config)
    return app


def _route_pages(app: Dash, reader: Handle) -> None:
    @app.callback(Output("page", "children"), Output("title", "data"), Input("url", "href"))
    def show(href: str) -> tuple[Any, str]:
        page = page_of(reader, href)
        return page.body, page.title

    app.clientside_callback(  # type: ignore[no-untyped-call]
        "t => { if (t) document.title = t + ' · Throughline'; return null }",
        Output("title", "modified_timestamp"),
        Input("title", "data"),
    )

    @app.server.get("/go/<path:any_id>")  # type: ignore[untyped-decorator]
    def go(any_id: str) -> Response:
        return flask.redirect(destination(reader, any_id, flask.request.args), 302)


def _route_health(server: flask.Flask, health: Callable[[], list[str]]) -> None:
    @server.get("/healthz")
    def healthz() -> flask.Response:
        return flask.Response("ok\n", mimetype="text/plain")

    @server.get("/readyz")
    def readyz() -> flask.Response:
        reasons = health()
        return flask.Response(
            "\n".join(reasons or ["ready"]) + "\n", 503 if reasons else 200, mimetype="text/plain"
        )


def _guard(server: flask.Flask, config: DashboardsConfig) -> None:
    @server.before_request
    def refuse_strangers() -> flask.Response | None:
        # a page of another site may point its own name at this machine (DNS rebinding)
        host = flask.request.host.rsplit(":", 1)[0].strip("[]")
        if not _is_own(host) and host not in config.allowed_hosts:
            return flask.Response(f"unknown host {host}\n", 421, mimetype="text/plain")
        cross = flask.request.headers.get("Sec-Fetch-Site") == "cross-site"
        if cross and flask.request.method not in ("GET", "HEAD"):
            return flask.Response("asked by another site\n", 403, mimetype="text/plain")
        return None

    @server.after_request
    def protect(answer: flask.Response) -> flask.Response:
        answer.headers.update(_HEADERS)
        return answer


def _is_own(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def serve(
    store: Store,
    state: State,
    config: DashboardsConfig,
    model: ModelConfig,
    health: Callable[[], list[str]],
    on_fatal: Callable[[BaseException], None],
) -> Iterator[Serving]:
    """Answer until left; leaving lets the requests that run finish."""
    with store.reader() as reader:
        server = _listen(create_app(reader, config, health).server, config)
        thread = threading.Thread(target=_run, args=(server, on_fatal), name="pages")
        thread.start()
        try:
            yield Serving(int(server.effective_port))
        finally:
            server.trigger.pull_trigger(server.close)  # closed by the thread that selects on it
            server.task_dispatcher.shutdown(timeout=5)
            thread.join(5)


def _listen(server: flask.Flask, config: DashboardsConfig) -> Any:
    try:
        return create_server(
            server, host=config.host, port=config.port, threads=config.threads, ident="throughline"
        )
    except OSError as error:
        raise ConfigError(
            f"dashboards.port: {config.host}:{config.port} cannot be opened ({error.strerror}); "
            "stop what listens there or set another"
        ) from error


def _run(server: Any, on_fatal: Callable[[BaseException], None]) -> None:
    try:
        server.run()
    except BaseException as error:
        _log.exception("the server of the pages has ended")
        on_fatal(error)
