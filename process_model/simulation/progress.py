"""One line that tells how far something is, and how fast it goes."""

import sys
import threading
import time


class Progress:
    """Counts up to a total; on a terminal the line is kept current, elsewhere said at the end."""

    def __init__(self, what: str, total: int) -> None:
        """``total`` may be 0: then there is no bar."""
        self._what, self._total = what, total
        self._done, self._begun, self._shown = 0, time.monotonic(), 0.0
        self._lock = threading.Lock()
        self._live = sys.stderr.isatty()

    def add(self, more: int) -> None:
        """So many more are done."""
        with self._lock:
            self.reach(self._done + more)

    def reach(self, done: int) -> None:
        """That many are done by now."""
        self._done = done
        now = time.monotonic()
        if self._live and now - self._shown > 0.2:
            self._shown = now
            sys.stderr.write(f"\r{self._line()}")
            sys.stderr.flush()

    def end(self) -> float:
        """Finish the line; how many seconds it took."""
        took = time.monotonic() - self._begun
        sys.stderr.write(f"\r{self._line()}\n" if self._live else f"{self._line()}\n")
        sys.stderr.flush()
        return took

    def _line(self) -> str:
        took = max(time.monotonic() - self._begun, 1e-6)
        rate = f"{self._done / took:>9,.0f}/s"
        if not self._total:
            return f"{self._what:<10} {self._done:>9,} {rate}"
        full = min(24, 24 * self._done // max(1, self._total))
        bar = "█" * full + "·" * (24 - full)
        return f"{self._what:<10} {bar} {self._done:>9,} of {self._total:,} {rate} {took:5.0f} s"
