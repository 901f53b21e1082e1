"""The pages and the API as one application, and the server that answers for it."""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import dash
import flask
from dash import ClientsideFunction, Dash, Input, Output

from dashboards import api, bar, shell
from dashboards.config import DashboardsConfig
from dashboards.data import give, take_back
from dashboards.filters import BadFilter
from dashboards.pages import page_of, pages
from dashboards.view import View, view_of
from process_model import serving, telemetry
from process_model.config import ModelConfig
from process_model.detection import Detection
from process_model.mining.miner import Miner
from process_model.state import State
from process_model.store import Handle, Store

# Everything comes from this origin. Inline scripts and styles are Dash's own way of working.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A worker has the policy of its own answer: what places maps may run WebAssembly, pages may not.
_LAYOUT = "/assets/build/layout.js"
_LAYOUT_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


DEFAULT_DOORS = "http://127.0.0.1:4318"
"""Where events are sent when nothing else is said."""


@dataclass(frozen=True, slots=True)
class Serving:
    """The server that runs."""

    port: int


def create_app(
    reader: Handle,
    config: DashboardsConfig,
    health: Callable[[], list[str]],
    doors: str = "",
    model: ModelConfig | None = None,
    state: State | None = None,
) -> Dash:
    """Pages, API and health routes, all asking through ``reader``; ``doors`` takes events.

    Work that people ask for on a page is left in ``state``; without one they may only look.
    """
    model = model or ModelConfig()
    app = Dash(
        "dashboards",
        title="Throughline",
        update_title="",
        suppress_callback_exceptions=True,
        assets_folder=str(shell.ASSETS),
        # fetched when the first chart or the first map is shown, and not before
        assets_ignore=r"^(NOTICES\.txt|charts\.js|layout\.js)$",
        assets_path_ignore=[r"^map$"],
        compress=True,
        enable_mcp=False,
        index_string=shell.INDEX,
    )
    app.server.wsgi_app = _traced(app.server.wsgi_app)
    app.server.config["DOORS"] = doors or DEFAULT_DOORS
    detection, miner = Detection(reader, model), Miner()
    give(app.server, model, detection, miner, state)
    app.layout = shell.layout()
    _route_pages(app, reader)
    app.server.register_blueprint(api.create_blueprint(reader, model, detection, miner, state))
    _route_health(app.server, health)
    _guard(app.server, config)
    return app


def _traced(answer: Callable[..., Any]) -> Callable[..., Any]:
    """A span for each request of the API; pages ask much, and a span of each would drown them."""

    def traced(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/api/"):
            return answer(environ, start)
        with telemetry.traced("answer", method=environ["REQUEST_METHOD"], path=path):
            return answer(environ, start)

    return traced


def _route_pages(app: Dash, reader: Handle) -> None:
    @app.callback(Output("page", "children"), Output("title", "data"), Input("url", "href"))
    def show(href: str) -> tuple[Any, str]:
        page = page_of(reader, href)
        return page.body, page.title

    @app.callback(Output("nav", "children"), Output("bar", "children"), Input("url", "href"))
    def surround(href: str) -> tuple[Any, Any]:
        view = _forgiving(href)
        return shell.navigation(view), bar.context_bar(reader, view)

    @app.callback(
        Output("age", "children"), Input("tick", "n_intervals"), dash.State("url", "href"),
        prevent_initial_call=True,
    )  # fmt: skip
    def tell_age(_ticks: int, href: str) -> str:
        return bar.age(reader, _forgiving(href))

    _in_the_browser(app, "title", Output("title", "modified_timestamp"), Input("title", "data"))
    _in_the_browser(app, "zone", Input("tz", "value"))
    _in_the_browser(app, "dataset", Input("dataset", "value", allow_optional=True))
    _in_the_browser(
        app,
        "drawer",
        Output("frame", "navbar"),
        Input("burger", "opened"),
        dash.State("frame", "navbar"),
    )
    _in_the_browser(app, "shut", Output("burger", "opened"), Input("url", "href"))
    for page in pages():
        if page.connect:
            page.connect(app, reader)


def _in_the_browser(app: Dash, name: str, *ends: Any) -> None:
    app.clientside_callback(ClientsideFunction("shell", name), *ends)  # type: ignore[no-untyped-call]


def _forgiving(href: str) -> View:
    """The frame stands around a link that cannot be understood, too."""
    try:
        return view_of(href)
    except BadFilter:
        return view_of("/")


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

    @server.get("/metrics")
    def metrics() -> flask.Response:
        return flask.Response(telemetry.exposition(), content_type=telemetry.METRICS_TYPE)


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
        policy = _LAYOUT_POLICY if flask.request.path == _LAYOUT else _POLICY
        answer.headers["Content-Security-Policy"] = policy
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
    doors: str = "",
) -> Iterator[Serving]:
    """Answer until left; leaving lets the requests that run finish.

    ``doors`` is where events are sent, as the pages tell those who have sent none.
    """
    with store.reader() as reader:
        app = create_app(reader, config, health, doors, model, state).server
        name, host, port = "dashboards.port", config.host, config.port
        threads = config.threads
        with (
            ExitStack() as after,
            serving.serve(app, name, host, port, on_fatal=on_fatal, threads=threads) as bound,
        ):
            after.callback(take_back, app)
            yield Serving(bound)
