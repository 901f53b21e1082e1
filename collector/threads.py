"""Threads that must not end by themselves: when one does, the program is told and leaves."""

import logging
import threading
from collections.abc import Callable

Fatal = Callable[[BaseException], None]
"""Told what ended a thread; the front door then stops the program."""

_log = logging.getLogger(__name__)


def start(name: str, work: Callable[[], None], fatal: Fatal) -> threading.Thread:
    """Run the work in a thread of that name; whatever it raises goes to ``fatal``."""
    thread = threading.Thread(target=_guarded, args=(work, fatal), name=name)
    thread.start()
    return thread


def _guarded(work: Callable[[], None], fatal: Fatal) -> None:
    try:
        work()
    except BaseException as error:
        _log.exception("a thread that must not end has ended")
        fatal(error)
