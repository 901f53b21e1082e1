"""A WSGI application behind a server in a thread: both HTTP ports open and stop in this one way."""

import logging
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from waitress.server import create_server

from process_model.errors import ConfigError

_log = logging.getLogger(__name__)
_ANSWER_SECONDS, _LEAVE_SECONDS = 3, 2


@contextmanager
def serve(
    application: Any,
    name: str,
    host: str,
    port: int,
    *,
    on_fatal: Callable[[BaseException], None],
    **options: Any,
) -> Iterator[int]:
    """Answer until left; yields the port. Leaving lets the requests that run finish, for seconds.

    ``name`` is the settings' table, which a refusal names; ``options`` are the server's own.
    Raises ``ConfigError`` when the address cannot be opened.
    """
    _allow_descriptors()
    try:
        # select() ends the server at the first descriptor past 1,023, and the engine holds three
        # for each of its threads, which a merge or an import brings by the hundred
        server = create_server(
            application, host=host, port=port, ident="throughline", asyncore_use_poll=True,
            **options,
        )  # fmt: skip
    except OSError as error:
        raise ConfigError(
            f"{name}: {host}:{port} cannot be opened ({error.strerror}); "
            "stop what listens there or set another"
        ) from error
    thread = threading.Thread(target=_run, args=(server, name, on_fatal), name=name)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.task_dispatcher.shutdown(timeout=_ANSWER_SECONDS)
        server.trigger.pull_trigger(lambda: _let_go(server))
        thread.join(_LEAVE_SECONDS)


def _allow_descriptors() -> None:
    """As many open files as this user may have: many systems begin with 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _let_go(server: Any) -> None:
    """Called in the server's thread: idle connections would keep it for two minutes more."""
    server.close()
    for channel in list(server.active_channels.values()):
        if channel.total_outbufs_len:
            channel.close_when_flushed = True
        else:
            channel.handle_close()


def _run(server: Any, name: str, on_fatal: Callable[[BaseException], None]) -> None:
    try:
        server.run()
    except BaseException as error:
        _log.exception("the server of %s has ended", name)
        on_fatal(error)
