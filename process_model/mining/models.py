"""The models that cases can be held against: the reference process and the user's own by name."""

from process_model.config import ModelConfig
from process_model.mining.miner import MiningError, Model

REFERENCE = "reference"
"""The name of the shipped model."""


def names(config: ModelConfig) -> list[str]:
    """Every model there is, the reference first."""
    return [REFERENCE, *sorted(name for name in config.models if name != REFERENCE)]


def model_of(config: ModelConfig, name: str) -> Model | None:
    """The model of that name, ``None`` for the reference; ``MiningError`` when there is none."""
    if name in ("", REFERENCE):
        return None
    path = config.models.get(name)
    if path is None:
        known = ", ".join(names(config))
        raise MiningError(f"there is no model {name}; there are {known} (set [model.models])")
    try:
        return Model(text=path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise MiningError(f"the model {name} cannot be read from {path}: {exc}") from exc
