"""How the cases of a view keep to the model it names, worked out once for the page and the list."""

from functools import partial
from typing import cast, get_args

from dashboards.data import Given
from dashboards.view import View
from process_model.mining.conformance import Conformance, Deviation, Kind, Rule, conformance
from process_model.mining.models import REFERENCE, model_of
from process_model.store import Handle

NAME = "deviation"
"""What a URL calls the deviation whose cases are listed."""

_SEPARATOR = "~"


def model_name(view: View) -> str:
    """The model that the URL names, the reference when it names none."""
    return view.query.get("model", "") or REFERENCE


def conforming(reader: Handle, view: View, known: Given) -> Conformance:
    """The cases against the model; raises ``MiningError``, and ``StoreError`` as questions do."""
    name = model_name(view)
    model = model_of(known.model, name)
    ask = partial(conformance, reader, view.selection, known.model, known.miner, model)
    found: Conformance = known.fresh.of(("conformance", name, view.to("/conformance")), ask)
    return found


def key_of(one: Deviation) -> str:
    """A deviation as a URL names it."""
    return _SEPARATOR.join((one.rule.kind, one.rule.activity, one.rule.other))


def text_of(key: str) -> str:
    """The deviation of a URL in business words; what cannot be read stays as it is."""
    kind, _, rest = key.partition(_SEPARATOR)
    activity, _, other = rest.partition(_SEPARATOR)
    if kind not in get_args(Kind):
        return key
    return Rule(cast(Kind, kind), activity, other).text


def named(found: Conformance, key: str) -> Deviation | None:
    """The deviation that a URL names, ``None`` when no case has it any more."""
    return next((one for one in found.deviations if key_of(one) == key), None)


def variants_with(reader: Handle, view: View, known: Given, key: str) -> tuple[str, ...]:
    """The variants whose cases have the deviation."""
    one = named(conforming(reader, view, known), key)
    return tuple(one.variants) if one else ()
