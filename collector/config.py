"""What can be set about the doors and the spool."""

from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from collector.signature import SchemeConfig, built
from collector.source import configured
from process_model.errors import ConfigError


class CollectorConfig(BaseModel):
    """Where the doors listen, what they take, and where accepted input waits for the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """The address the doors listen on; others than loopback want ``identity = "keys"``."""
    grpc_port: int = Field(default=4317, ge=0, le=65535)
    """OTLP over gRPC; 0 takes any free port."""
    http_port: int = Field(default=4318, ge=0, le=65535)
    """OTLP over HTTP and business events; 0 takes any free port."""
    spool_directory: Path = Path("data/spool")
    """Where accepted input stays until the store has it; keep it on a local disk."""
    spool_bytes: int = Field(default=2 * 2**30, ge=2**16)
    """How much may wait there; beyond it senders are asked to come back."""
    reserve_bytes: int = Field(default=256 * 2**20, ge=0)
    """Free disk space that is never used up; below it senders are asked to come back."""
    segment_bytes: int = Field(default=8 * 2**20, ge=2**12, le=32 * 2**20)
    """A segment is handed to the store when it has grown to this."""
    event_seconds: float = Field(default=0.2, gt=0)
    """A segment of business events is handed to the store at this age at the latest."""
    span_seconds: float = Field(default=1.0, gt=0)
    """The same for spans and log records."""
    body_bytes: int = Field(default=16 * 2**20, ge=2**10)
    """The largest request taken, after decompression; one larger is refused."""
    threads: int = Field(default=8, ge=1, le=64)
    """How many requests each door works on at once."""
    identity: Literal["open", "keys"] = "open"
    """Whether the doors ask who sends: ``open`` asks nobody, ``keys`` asks for a key; see
    docs/security.md."""
    signatures: dict[str, SerializeAsAny[SchemeConfig]] = Field(default_factory=dict)
    """One table a source whose requests must be signed, ``[collector.signatures.stripe]``; see
    docs/security.md."""
    grpc_certificate: Path | None = None
    """OTLP over gRPC speaks TLS with this certificate chain (PEM); none = plain."""
    grpc_certificate_key: Path | None = None
    """The private key of that certificate (PEM)."""
    grpc_client_ca: Path | None = None
    """Only clients with a certificate of these authorities (PEM) are spoken to; none = all."""
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """One table a source, ``[collector.sources.salesforce]``; each is described with its source."""

    @property
    def asks_for_keys(self) -> bool:
        """Whether the doors ask for a key."""
        return self.identity == "keys"

    @field_validator("signatures", mode="before")
    @classmethod
    def _known_schemes(cls, tables: Any) -> Any:
        if not isinstance(tables, dict):
            return tables
        try:
            return {system: built(system, table) for system, table in tables.items()}
        except ValueError as wrong:
            raise PydanticCustomError("signature", "{wrong}", {"wrong": str(wrong)}) from None

    @model_validator(mode="after")
    def _whole(self) -> "CollectorConfig":
        if (self.grpc_certificate is None) != (self.grpc_certificate_key is None):
            raise ValueError("grpc_certificate and grpc_certificate_key go together")
        if self.grpc_client_ca and not self.grpc_certificate:
            raise ValueError("grpc_client_ca wants grpc_certificate: clients are asked over TLS")
        return self

    @field_validator("sources")
    @classmethod
    def _known_and_sound(cls, tables: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        try:
            configured(tables)
        except ConfigError as wrong:
            raise PydanticCustomError("source", "{wrong}", {"wrong": str(wrong)}) from wrong
        return tables
