"""The routes as a Flask blueprint: reads what is asked, answers with the envelope or a problem."""

from collections.abc import Callable
from functools import cache

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from dashboards.api.answers import Missing, envelope, problem
from dashboards.api.asking import Asked, understood
from dashboards.api.openapi import document
from dashboards.api.routes import ROUTES, Route
from dashboards.filters import BadFilter
from process_model.config import ModelConfig
from process_model.detection import Detection
from process_model.errors import StoreError, StoreUnavailable
from process_model.mining.miner import Miner, MiningError
from process_model.questions import ask
from process_model.state import State
from process_model.store import Handle
from process_model.vocabulary import LIVE

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>API · Throughline</title>
<h1>API</h1><p>Everything the pages show, as JSON. <a href="/api/v1/openapi.json">OpenAPI 3.1</a>;
the envelope, the paging and a sample of each route stand in docs/api.md.</p><ul>{}</ul>"""


def create_blueprint(
    reader: Handle,
    model: ModelConfig | None = None,
    detection: Detection | None = None,
    miner: Miner | None = None,
    state: State | None = None,
) -> Blueprint:
    """Every route, asking through ``reader``; a miner of its own ends with the program."""
    api = Blueprint("api", __name__, url_prefix="/api")
    given = (reader, model or ModelConfig(), detection, miner or Miner(), state)
    for route in ROUTES:
        path = route.path.replace("{", "<path:").replace("}", ">")
        api.add_url_rule(f"/v1{path}", route.path, _view(route, *given), methods=["GET"])
    api.add_url_rule("/v1/openapi.json", "openapi", lambda: _openapi())
    links = "".join(f"<li><code>/api/v1{route.path}</code> {route.summary}" for route in ROUTES)
    api.add_url_rule("/", "page", lambda: _PAGE.format(links))
    _failures(api)
    return api


def _view(
    route: Route,
    reader: Handle,
    model: ModelConfig,
    detection: Detection | None,
    miner: Miner,
    state: State | None,
) -> Callable[..., Response]:
    def view(**parts: str) -> Response:
        selection, given = understood(route.parameters, request.args)
        if selection.dataset != LIVE and selection.dataset not in _datasets(reader):
            raise Missing("No such dataset", f"there is no dataset {selection.dataset}")
        asked = Asked(
            reader=reader, model=model, detection=detection, miner=miner, state=state,
            selection=selection, given=given | parts,
        )  # fmt: skip
        return envelope(route.answer(asked), selection)

    return view


def _datasets(reader: Handle) -> set[str]:
    return {row.dataset for row in ask(reader, "datasets_of_events")}


@cache
def _openapi_text() -> str:
    import json

    return json.dumps(document(), ensure_ascii=False)


def _openapi() -> Response:
    return Response(_openapi_text(), mimetype="application/json")


def _failures(api: Blueprint) -> None:
    @api.errorhandler(BadFilter)
    def bad(error: BadFilter) -> Response:
        return problem(400, "Bad request", str(error))

    @api.errorhandler(Missing)
    def missing(error: Missing) -> Response:
        return problem(404, *error.args)

    @api.errorhandler(StoreError)
    def store(error: StoreError) -> Response:
        if isinstance(error, StoreUnavailable):
            return problem(503, "Come back later", str(error))
        return problem(500, "The question failed", str(error))

    @api.errorhandler(MiningError)
    def mining(error: MiningError) -> Response:
        return problem(422, "It could not be mined", str(error))

    @api.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        return problem(error.code or 500, error.name, error.description or error.name)
