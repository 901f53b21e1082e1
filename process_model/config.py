"""What the model can be told: where the store is, and the limits by which the process is judged."""

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from process_model.vocabulary import Stage


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
    silence_limits: dict[str, timedelta] = Field(default_factory=dict)
    """per source: how long it may be silent before its numbers are called incomplete"""
    coverage_floor: float = Field(default=0.95, ge=0, le=1)
    """below this share of complete data a number is greyed"""
