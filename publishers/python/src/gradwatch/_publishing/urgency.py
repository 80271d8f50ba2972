"""What should not wait for the second to be full."""

import time

from gradwatch._events import StepNorms

_EVERY = 0.1
"""Seconds between two records that did not wait, however bad the run is: a batch for each step would cost more than it tells."""

_UNUSUAL = 10.0
"""Times the usual gradient norm that is worth telling at once."""

_REMEMBERED = 0.05
"""Weight of the newest norm in the usual one."""


class Urgency:
    """Looks at each step of one attempt: a few comparisons, on the training thread."""

    def __init__(self) -> None:
        self._usual_norm = 0.0
        self._last = 0.0

    def of(self, said: StepNorms) -> bool:
        """Whether this step should be told at once."""
        if not self._looks_wrong(said):
            return False
        now = time.monotonic()
        if now - self._last < _EVERY:
            return False
        self._last = now
        return True

    def _looks_wrong(self, said: StepNorms) -> bool:
        loss, norm = said.loss, said.gradient_norm
        # What is not finite is the only thing that differs from itself by anything but 0.
        if loss is not None and loss - loss != 0:
            return True
        if norm is None:
            return False
        if norm - norm != 0 or norm == 0:
            return True
        usual = self._usual_norm
        self._usual_norm = norm if usual == 0 else usual + _REMEMBERED * (norm - usual)
        return usual > 0 and norm > _UNUSUAL * usual
