"""Translates what the driver and the engine raise into the program's own errors: the one seam."""

from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_connect.driver import exceptions as driver

from process_model.errors import QueryRejected, StoreError, StoreUnavailable

# Engine codes that pass with time: time-outs, network, memory, disk, too many parts or queries.
TRANSIENT = frozenset({159, 160, 201, 202, 203, 209, 210, 236, 241, 242, 243, 252, 279, 319, 999})


def translated(name: str, exc: Exception) -> StoreError:
    """The error to raise instead of the driver's, for the statement of that name."""
    code = getattr(exc, "code", None)
    text = str(exc).splitlines()[0][:2000] if str(exc) else type(exc).__name__
    if code in TRANSIENT:
        return StoreUnavailable(f"{name}: {text}")
    if code is not None:
        return QueryRejected(name, int(code), text)
    if isinstance(exc, (driver.OperationalError, driver.InterfaceError, OSError)):
        return StoreUnavailable(f"{name}: {text}")
    return QueryRejected(name, 0, text)


@contextmanager
def translating(name: str) -> Iterator[None]:
    """Whatever the driver raises inside leaves as a ``StoreError`` that names the statement."""
    try:
        yield
    except (driver.ClickHouseError, driver.Warning, OSError) as exc:
        raise translated(name, exc) from exc
