"""Being told to stop: for places where nobody may end jobs from outside."""

from typing import Optional


class StopRun(Exception):
    """Raised by ``step`` and ``epoch`` of a run with ``stop_when_told`` after an alert recommended to stop it.

    ``detector`` is the alert's detector, ``summary`` what it saw, ``remedy`` what it advises to do, ``last_healthy_step`` the last step
    before the fault showed: a checkpoint of that step or before is the one to go back to.
    """

    def __init__(
        self,
        summary: str,
        detector: str = "",
        alert_id: str = "",
        remedy: Optional[str] = None,
        last_healthy_step: Optional[int] = None,
    ) -> None:
        super().__init__(f"{detector}: {summary}" if detector else summary)
        self.summary = summary
        self.detector = detector
        self.alert_id = alert_id
        self.remedy = remedy
        self.last_healthy_step = last_healthy_step
