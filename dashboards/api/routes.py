"""The routes of ``/api/v1``."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from dashboards.api.answers import envelope, plain, problem
from dashboards.filters import BadFilter, selection_of
from process_model import lookup
from process_model.errors import StoreError, StoreUnavailable
from process_model.store import Handle

_MOST = 1_000


def create_blueprint(reader: Handle) -> Blueprint:
    """Every route, asking through ``reader``."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    _instances(api, reader)
    _failures(api)
    return api


def _instances(api: Blueprint, reader: Handle) -> None:
    @api.get("/instances")
    def instances() -> Response:
        selection = selection_of(request.args)
        limit, offset = _number("limit", 100), _number("cursor", 0)
        if not 1 <= limit <= _MOST:
            raise BadFilter(f"limit: a number from 1 to {_MOST}")
        page = lookup.instances_page(
            reader,
            selection,
            query=request.args.get("q", ""),
            status=request.args.getlist("status"),
            stage=request.args.getlist("stage"),
            limit=limit,
            offset=offset,
        )
        end = offset + len(page.rows)
        return envelope(page.rows, selection, next_=str(end) if end < page.total else None)

    @api.get("/instances/<path:instance_id>")
    def instance(instance_id: str) -> Response:
        selection = selection_of(request.args)
        detail = lookup.instance(reader, selection.dataset, instance_id, as_of=selection.as_of)
        if detail is None:
            return problem(404, "No such instance", f"{selection.dataset} has no {instance_id}")
        spans = lookup.spans_of(reader, detail.trace_ids)
        known = plain(detail) | {"promises": plain(detail.promises), "spans": plain(spans)}
        return envelope(known, selection)

    @api.get("/resolve/<path:any_id>")
    def resolve(any_id: str) -> Response:
        selection = selection_of(request.args)
        found = lookup.resolve(reader, selection.dataset, any_id)
        if not found.instances:
            return problem(404, "Not found", f"no instance knows {any_id}")
        return envelope(found, selection)


def _failures(api: Blueprint) -> None:
    @api.errorhandler(BadFilter)
    def bad(error: BadFilter) -> Response:
        return problem(400, "Bad request", str(error))

    @api.errorhandler(StoreError)
    def store(error: StoreError) -> Response:
        if isinstance(error, StoreUnavailable):
            return problem(503, "Come back later", str(error))
        return problem(500, "The question failed", str(error))

    @api.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        return problem(error.code or 500, error.name, error.description or error.name)


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise BadFilter(f"{name}: not a number: {text}")
    return int(text)
