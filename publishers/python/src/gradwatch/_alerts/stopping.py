"""Being told to stop: for places where nobody may end jobs from outside."""

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Optional

from gradwatch._notices import Notices
from gradwatch._recovery import Recovery, recovery_in
from gradwatch._values import printable

if TYPE_CHECKING:
    from gradwatch._settings import Settings

DETECTORS = ("non-finite-values", "loss-divergence", "zero-gradients", "frozen-updates")
"""What may recommend a stop when a run wants to be told and does not say by whom: faults after which nothing is learned any more."""

_OPEN = ("OPENED", "ESCALATED", "UPDATED")
_POLL = 0.5
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_CLOCKS_DIFFER = 60.0
"""Seconds by which the brokers' clock may be behind ours."""


class StopRun(Exception):
    """Raised by ``step`` and ``epoch`` of a run with ``stop_when_told`` after an alert recommended to stop it.

    ``detector`` is the alert's detector, ``summary`` what it saw, ``remedy`` what it advises to do about the cause, ``recovery`` which
    weights to go on from (see ``Recovery``), ``last_healthy_step`` the last step at which the weights were sound, if there is one.
    """

    def __init__(
        self,
        summary: str,
        detector: str = "",
        alert_id: str = "",
        remedy: Optional[str] = None,
        last_healthy_step: Optional[int] = None,
        recovery: Optional[Recovery] = None,
    ) -> None:
        super().__init__(f"{detector}: {summary}" if detector else summary)
        self.summary = summary
        self.detector = detector
        self.alert_id = alert_id
        self.remedy = remedy
        self.last_healthy_step = last_healthy_step
        self.recovery = Recovery() if recovery is None else recovery


def stop_in(alert: "Mapping[str, Any]", run_id: str, attempt: int) -> Optional[StopRun]:
    """What this alert means for this attempt of this run: a stop, if it recommends one and is still open."""
    meant = alert.get("run_id") == run_id and alert.get("attempt") == attempt
    # A state that this version does not know is read as UPDATED; whatever ended has a time at which it did.
    is_open = alert.get("state") in _OPEN and alert.get("resolved_at") is None
    if not meant or not alert.get("stop_recommended") or not is_open:
        return None
    causes = alert.get("causes") or [{}]
    remedy = causes[0].get("remedy")
    return StopRun(
        printable(str(alert.get("summary"))),
        printable(str(alert.get("detector"))),
        str(alert.get("id")),
        printable(str(remedy)) if remedy else None,
        alert.get("last_healthy_step"),
        recovery_in(alert),
    )


class AlertWatch:
    """Reads the alert topic on a thread of its own, only what was committed, and reports every recommendation to stop, once.

    It joins no group and commits nothing: every partition is read from where the run began.
    """

    def __init__(
        self, settings: "Settings", who: "Callable[[], tuple[str, int]]", told: "Callable[[StopRun], None]"
    ) -> None:
        self._settings = settings
        self._who = who
        self._told = told
        self._since = time.time() - _CLOCKS_DIFFER
        self._reported: set[str] = set()
        self._failures: dict[int, int] = {}
        self._ended = False
        self._consumer: Any = None
        self._thread = threading.Thread(target=self._run, name="gradwatch-alerts", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Lets the thread end at its next look; does not wait for it."""
        self._ended = True

    def abandon(self) -> None:
        """In a forked child, which has no such thread."""
        self._ended = True
        if self._consumer is not None:
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._consumer))

    def _run(self) -> None:
        from gradwatch._publishing.kafka import told

        pause = _FIRST_PAUSE
        while not self._ended:
            try:
                self._read()
            except Exception as e:
                Notices.shared.warn(
                    "alerts",
                    f"cannot read {self._settings.alerts_topic} at {self._settings.bootstrap_servers}, so nobody can tell this run"
                    f" to stop yet: {told(e)}",
                )
                until = time.monotonic() + pause
                while not self._ended and time.monotonic() < until:
                    time.sleep(0.1)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _look_at(self, alert: "Mapping[str, Any]", run_id: str, attempt: int) -> None:
        try:
            stop = stop_in(alert, run_id, attempt)
        except Exception as e:
            Notices.shared.warn("alert-use", f"an alert of run {run_id} cannot be used, left out: {type(e).__name__}")
            return
        if stop is not None and stop.alert_id not in self._reported:
            self._reported.add(stop.alert_id)
            self._told(stop)

    def _read(self) -> None:
        from gradwatch._alerts.following import AlertConsumer

        self._consumer = consumer = AlertConsumer(self._settings, self._since, self._failures)
        try:
            while not self._ended:
                run_id, attempt = self._who()
                # The last record of each alert is the truth: one that was opened for an earlier start may be closed by now.
                latest = {alert.get("id"): alert for alert in consumer.next_of(run_id, _POLL)}
                for alert in latest.values():
                    self._look_at(alert, run_id, attempt)
        finally:
            self._consumer = None
            consumer.close()
