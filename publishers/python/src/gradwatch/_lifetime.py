"""How runs end: by ``finish``, by leaving ``with``, with the process, or by a signal; and what a fork means for them."""

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Collection
from types import FrameType
from typing import TYPE_CHECKING, Optional

from gradwatch._alerts.stopping import StopRun
from gradwatch._notices import Notices
from gradwatch._values import shown, text

if TYPE_CHECKING:
    from gradwatch._run import Run

_open: "set[Run]" = set()
_hooked = False


def watch_over(run: "Run", *, handle_sigterm: bool) -> None:
    """From now on the run ends with the process, however that ends."""
    global _hooked
    _open.add(run)
    if not _hooked:
        _hooked = True
        atexit.register(_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_in_forked_child)
    if (
        handle_sigterm
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        # Only where nobody else cares: by default SIGTERM ends Python without a word.
        signal.signal(signal.SIGTERM, _on_sigterm)


def let_go(run: "Run") -> None:
    """The run has ended."""
    _open.discard(run)
    if (
        not _open
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is _on_sigterm
    ):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def outcome_of(error: Optional[BaseException]) -> "tuple[str, Optional[str]]":
    """How a run ended whose block was left with this exception."""
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return "COMPLETED", None
    if isinstance(error, StopRun):
        return "STOPPED", text(error)
    if isinstance(error, KeyboardInterrupt):
        return "CANCELLED", "interrupted from the keyboard"
    if isinstance(error, SystemExit):
        return "FAILED", f"exit code {shown(error.code)}"
    return "FAILED", text(f"{type(error).__name__}: {error}")


def wait_for(runs: "Collection[Run]", seconds: float) -> None:
    """Waits until all that these runs said is published, at most so long.

    Polls instead of joining threads: a signal handler may run this inside of a join, whose locks are held already.
    """
    until = time.monotonic() + seconds
    while any(run.is_ending for run in runs) and time.monotonic() < until:
        time.sleep(0.005)


def _at_exit() -> None:
    outcome, reason = _outcome_of_process()
    runs = list(_open)
    # All at once first: several runs wait together, not one after the other.
    for run in runs:
        run.finish(outcome, reason, wait=False)
    wait_for(runs, max((run.settings.flush_seconds for run in runs), default=0))
    for run in runs:
        run.finish(outcome, reason)


def _outcome_of_process() -> "tuple[str, Optional[str]]":
    if hasattr(sys, "ps1") or "ipykernel" in sys.modules:
        return "CANCELLED", "the interactive session ended"
    # Set for what reached the top of the script; the newer name came with Python 3.12.
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return outcome_of(error if isinstance(error, BaseException) else None)


def _on_sigterm(number: int, frame: Optional[FrameType]) -> None:
    runs = list(_open)
    try:
        for run in runs:
            run.begin_finish("CANCELLED", "ended by SIGTERM")
        wait_for(runs, max((run.settings.flush_seconds for run in runs), default=0))
    except Exception as e:
        Notices.shared.warn("sigterm", f"the end could not be published: {type(e).__name__}: {shown(e)}")
    # Ends as it would have without us, so that whoever sent the signal sees what it expects.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def _in_forked_child() -> None:
    """Threads do not survive a fork, and one run has one voice: in the child, such as a data loader's worker, runs say nothing."""
    Notices.shared.forget()
    for run in list(_open):
        run.fall_silent()
    _open.clear()
    if signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
