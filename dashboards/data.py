"""What pages are given beside the store: the model's settings, and what is known to be wrong."""

from dataclasses import dataclass

import flask

from process_model.config import ModelConfig
from process_model.detection import Detection

_NAME = "throughline"


@dataclass(frozen=True, slots=True)
class Given:
    """One installation's settings and its findings, detected once for all readers."""

    model: ModelConfig
    detection: Detection


def give(server: flask.Flask, model: ModelConfig, detection: Detection) -> None:
    """Put them where the pages of this application find them."""
    server.extensions[_NAME] = Given(model, detection)


def given() -> Given:
    """What the application that answers this request was given."""
    found: Given = flask.current_app.extensions[_NAME]
    return found
