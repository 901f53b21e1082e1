"""What the model can be told, and how settings are read: a file, the environment over it."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from process_model.errors import ConfigError
from process_model.vocabulary import Stage, SystemKind

Model = TypeVar("Model", bound=BaseModel)


class StoreConfig(BaseModel):
    """Where events, spans and instances are kept, and what the engine may take of the machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dsn: str = "chdb://data/store"
    """``chdb://<directory>`` for the embedded engine, ``clickhouse://user:password@host:8123``
    for a server over HTTP (``clickhouses://`` with TLS)"""
    database: str = Field(default="throughline", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """the database that holds the tables; created when it is missing"""
    memory_bytes: int = Field(default=4 * 1024**3, ge=256 * 1024**2)
    """the most memory the embedded engine may use; a server has its own limit"""
    mark_cache_bytes: int = Field(default=256 * 1024**2, ge=0)
    """the embedded engine's cache of index marks"""
    backups: Path | None = None
    """where ``BACKUP`` may write; ``None`` means ``backups`` beside the embedded directory"""
    query_seconds: float = Field(default=30.0, gt=0)
    """pages and API: the longest a question may run"""
    query_memory_bytes: int = Field(default=2 * 1024**3, gt=0)
    """pages and API: the most memory a question may use"""
    query_threads: int = Field(default=1, ge=1, le=64)
    """pages and API: the threads of one question; a page asks many at once, so one is best on
    small machines"""
    query_rows: int = Field(default=1_000_000, gt=0)
    """pages and API: the most rows an answer may have"""
    connect_seconds: float = Field(default=10.0, gt=0)
    """a server: the longest a connection may take"""


class ModelConfig(BaseModel):
    """The estate's own limits; what is left out is taken from the reference process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reporting_currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    """the currency sums are shown in where a rate is known (ISO 4217)"""
    limits: dict[Stage, timedelta] = Field(default_factory=dict)
    """how long a stage may take, in seconds or ISO 8601 (``PT4H``)"""
    local_types: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """per system: the object types whose ids mean something in that system only"""
    handover_limits: dict[str, timedelta] = Field(default_factory=dict)
    """per ``from->to``: how long an object may take to cross between two systems"""
    systems: dict[SystemKind, str] = Field(default_factory=dict)
    """the estate's system of a kind (``erp = "sap"``): where promised hand-overs should arrive"""
    silence_limits: dict[str, timedelta] = Field(default_factory=dict)
    """per source: how long it may be silent before its numbers are called incomplete"""
    coverage_floor: float = Field(default=0.95, ge=0, le=1)
    """below this share of complete data a number is greyed"""
    objective: float = Field(default=0.95, ge=0, lt=1)
    """the share of limits that must be kept; what may be missed is the error budget"""
    objectives: dict[str, float] = Field(default_factory=dict)
    """the same for single KPIs, by their names"""
    amount_tolerance: float = Field(default=0.001, ge=0, lt=1)
    """findings: the share of an amount by which two amounts may differ and still tie out"""
    amount_least: Decimal = Field(default=Decimal(1), ge=0)
    """findings: the difference, in any currency, below which amounts always tie out"""
    models: dict[str, Path] = Field(default_factory=dict)
    """conformance: BPMN, PNML or PTML files of your own by the name they are shown under"""
    convergence: timedelta = timedelta(days=2)
    """findings: how long systems may take until they tell the same of a customer"""


def read(
    model: type[Model], path: Path | None, environment: Mapping[str, str], prefix: str
) -> Model:
    """Read a TOML file, then the variables of that prefix over it (``__`` goes one table down).

    Raises ``ConfigError`` naming the file, the key and what is wrong with it.
    """
    try:
        tree: dict[str, Any] = tomllib.loads(path.read_text()) if path else {}
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    for name, value in environment.items():
        if name.startswith(prefix) and not name.startswith(f"{prefix}TEST_"):
            _place(tree, name.removeprefix(prefix).lower().split("__"), value)
    try:
        return model.model_validate(tree)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path or 'environment'}: {key}: {first['msg']}") from exc


def _place(tree: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"{'__'.join(keys)}: {key} is a value, not a table")
    tree[keys[-1]] = value
