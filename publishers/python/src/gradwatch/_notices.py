"""What monitoring has to say to whoever trains: through ``logging``, seldom, and never twice the same in a row."""

import logging
import sys
import threading
import time
from typing import ClassVar

_log = logging.getLogger("gradwatch")
_AGAIN_AFTER = 600.0


class Notices:
    """Says each kind of warning at once, and again at the earliest after ten minutes, with how many were kept back. Thread-safe."""

    shared: ClassVar["Notices"]

    def __init__(self, again_after: float = _AGAIN_AFTER) -> None:
        self._again_after = again_after
        self._lock = threading.Lock()
        self._said: dict[str, tuple[float, int]] = {}

    def warn(self, kind: str, message: str) -> bool:
        """Warns unless this kind was said lately; whether it did."""
        now = time.monotonic()
        # A signal handler may interrupt whoever holds the lock in the same thread: rather say nothing than wait for ever.
        if not self._lock.acquire(timeout=1):
            return False
        try:
            last, kept_back = self._said.get(kind, (None, 0))
            if last is not None and now - last < self._again_after:
                self._said[kind] = (last, kept_back + 1)
                return False
            self._said[kind] = (now, 0)
        finally:
            self._lock.release()
        _say(logging.WARNING, f"{message} ({kept_back} more like this)" if kept_back else message)
        return True

    def over(self, kind: str, message: str) -> None:
        """The trouble of this kind is over: says so if it was told of, and lets the next one be told at once."""
        with self._lock:
            told = self._said.pop(kind, None)
        if told is not None:
            _say(logging.WARNING, message)

    def forget(self) -> None:
        """As after a fork, or between two tests."""
        self._lock = threading.Lock()
        self._said = {}


Notices.shared = Notices()


def tell(line: str) -> None:
    """One line for a person at the terminal, not a log event."""
    try:
        print(f"gradwatch: {line}", file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        pass  # No stderr: a service without a console, or a closed one.


def _say(level: int, message: str) -> None:
    try:
        _log.log(level, "gradwatch: %s", message)
    except Exception:  # A handler of the training code may fail; monitoring is no reason to.
        pass
