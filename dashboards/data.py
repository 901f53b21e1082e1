"""What pages are given beside the store: the model's settings, and what is known to be wrong."""

from dataclasses import dataclass

import flask

from dashboards.fresh import Fresh
from process_model.config import ModelConfig
from process_model.detection import Detection
from process_model.mining.miner import Miner
from process_model.state import State

_NAME = "throughline"


@dataclass(frozen=True, slots=True)
class Given:
    """One installation's settings and its findings, detected once for all readers."""

    model: ModelConfig
    detection: Detection
    fresh: Fresh
    miner: Miner
    state: State | None
    """where work is asked of the collector; ``None`` where pages may only look"""


def give(
    server: flask.Flask,
    model: ModelConfig,
    detection: Detection,
    miner: Miner,
    state: State | None,
) -> None:
    """Put them where the pages of this application find them."""
    fresh = Fresh()
    detection.renew_behind(fresh.submit)
    server.extensions[_NAME] = Given(model, detection, fresh, miner, state)


def take_back(server: flask.Flask) -> None:
    """End what is still being made for the pages; call it before the store is closed."""
    found: Given = server.extensions[_NAME]
    found.miner.close()
    found.fresh.close()


def given() -> Given:
    """What the application that answers this request was given."""
    found: Given = flask.current_app.extensions[_NAME]
    return found
