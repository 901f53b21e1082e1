"""Opens clients: the embedded engine with its configuration file, or a server over HTTP."""

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from process_model.config import StoreConfig
from process_model.errors import ConfigError, DataDirectoryInUse, StoreUnavailable

# Two engine handles must not be made at once: the engine starts with the first.
_OPENING = threading.Lock()

# The spool deletes a segment once it is stored, so what is stored must be on disk: both fsyncs.
CONFIGURATION = """<clickhouse>
  <timezone>UTC</timezone>
  <max_server_memory_usage>{memory}</max_server_memory_usage>
  <mark_cache_size>{marks}</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <background_pool_size>2</background_pool_size>
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
  </merge_tree>
  <backups><allowed_path>{backups}</allowed_path></backups>
</clickhouse>
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """How to reach one engine; ``connect`` makes one client, which one thread may use."""

    config: StoreConfig
    directory: Path | None
    """the embedded directory, ``None`` when the store is a server"""

    def connect(self, database: str | None, settings: dict[str, Any]) -> Client:
        """A new client; times come back aware and in UTC."""
        if self.directory is None:
            return self._connect_server(database, settings)
        return self._connect_embedded(self.directory, database, settings)

    def _connect_embedded(
        self, directory: Path, database: str | None, settings: dict[str, Any]
    ) -> Client:
        with _OPENING, _engine_log() as log:
            try:
                return clickhouse_connect.get_client(
                    interface="chdb",
                    path=str(directory),
                    database=database,
                    settings=settings,
                    tz_mode="aware",
                    chdb_options={"config-file": str(directory.parent / f"{directory.name}.xml")},
                )
            except Exception as exc:
                if _is_locked(str(exc) + log()):
                    raise DataDirectoryInUse(
                        f"another throughline holds {directory}; one process per directory; "
                        "to split roles use a ClickHouse server"
                    ) from exc
                raise

    def _connect_server(self, database: str | None, settings: dict[str, Any]) -> Client:
        url = urlsplit(self.config.dsn)
        return clickhouse_connect.get_client(
            host=url.hostname or "127.0.0.1",
            port=url.port or (8443 if url.scheme == "clickhouses" else 8123),
            interface="https" if url.scheme == "clickhouses" else "http",
            username=unquote(url.username or "default"),
            password=unquote(url.password or ""),
            database=database or "default",
            settings=settings,
            tz_mode="aware",
            connect_timeout=self.config.connect_seconds,
            autogenerate_session_id=False,
        )


def engine_of(config: StoreConfig) -> Engine:
    """The engine that the data source name means; makes the embedded directory ready."""
    scheme, separator, rest = config.dsn.partition("://")
    if scheme in ("clickhouse", "clickhouses") and separator:
        return Engine(config, None)
    if scheme != "chdb" or not rest:
        raise ConfigError(
            "store.dsn must be chdb://<directory> or clickhouse://user:password@host:8123"
        )
    directory = Path(rest).absolute()
    _prepare(config, directory)
    return Engine(config, directory)


def _prepare(config: StoreConfig, directory: Path) -> None:
    backups = (config.backups or directory.parent / "backups").absolute()
    text = CONFIGURATION.format(
        memory=config.memory_bytes,
        marks=config.mark_cache_bytes,
        backups=escape(f"{backups}/"),
    )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        target = directory.parent / f"{directory.name}.xml"
        # Only when it differs: a second process must not touch the file of the one that runs.
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
    except OSError as exc:
        raise StoreUnavailable(f"the data directory {directory} cannot be written: {exc}") from exc


def _is_locked(text: str) -> bool:
    return "Cannot lock file" in text or "another server instance" in text.lower()


@contextlib.contextmanager
def _engine_log() -> Iterator[Any]:
    """Catch what the engine prints on stderr while it opens: the true reason is only there."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)

        def text() -> str:
            log.seek(0)
            return log.read().decode(errors="replace")

        try:
            yield text
        finally:
            os.dup2(kept, 2)
            os.close(kept)
