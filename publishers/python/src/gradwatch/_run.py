"""The run that a training script holds."""

from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import Any, Callable, Optional

from gradwatch import _lifetime
from gradwatch import _values as values
from gradwatch._alerts.stopping import StopRun
from gradwatch._events import EPOCH, HEARTBEAT, NO_METRICS, Identity, StepNorms
from gradwatch._intake import AnyLayers
from gradwatch._publishing.channel import Channel
from gradwatch._registration_facts import identity as identities
from gradwatch._registration_facts import registration as registrations
from gradwatch._run_publisher import SETTLES_AFTER, Speaker, now
from gradwatch._settings import Settings
from gradwatch._values import Refused


class Run(Speaker):
    """One attempt of one run. Made by ``gradwatch.run``; use it in a ``with`` statement, or call ``finish`` at the end.

    No method waits for the network, and none raises because of monitoring: what cannot be is warned of and counted in ``invalid``. The one
    exception is ``StopRun``, for those who asked for it. Methods may be called from any thread.
    """

    def __init__(
        self,
        settings: Settings,
        identity: Identity,
        channels: "Callable[[Run], list[Channel]]",
        registration: "Mapping[str, Any]",
        on_stop: "Optional[Callable[[StopRun], object]]" = None,
        *,
        fixed: bool = False,
    ) -> None:
        super().__init__(settings, identity, on_stop, fixed=fixed)
        self._channels = channels(self)
        self.register(**registration)

    # What it says.

    def register(self, **fields: Any) -> None:
        """Says more of the run: any field of ``gradwatch.run``. May be called at any time; what was said before stays unless said anew."""
        if not self.is_publishing:
            return
        if _is_zero(fields.get("learning_rate")):
            del fields["learning_rate"]
            self.report("learning-rate-zero", "the learning rate is 0, so nothing will be learned")
        with self._lock:
            known = registrations.taken_over(self._registration, fields, self._refuse)
            if known != self._registration or not self._registered:
                self._registration = known
                self._unsaid = True
                self._settles_at = monotonic() + SETTLES_AFTER

    def report(self, code: str, message: str) -> None:
        """Says in the log, and registers, that something is wrong with this training from its start.

        ``code`` is one of those that ``findings`` of ``RunStarted`` documents in ``training-event.avsc``. Each is said once in an attempt.
        """
        if not self.is_publishing or code in self._registration.get("findings", ()):
            return
        self.register(findings=[code])
        if code in self._registration.get("findings", ()):
            self._notices.warn(f"finding-{code}-{self.id}", f"run {self.id}: {message} ({code})")

    def step(
        self,
        step: Any,
        *,
        loss: Any = None,
        gradient_norm: Any = None,
        learning_rate: Any = None,
        epoch: Any = None,
        layers: "AnyLayers" = (),
        metrics: "Optional[Mapping[str, Any]]" = None,
        rank_norms: Any = None,
        ended: Any = None,
    ) -> None:
        """An optimizer step ended.

        ``step`` counts optimizer steps since the start of the run, from 0, see ``next_step``; ``gradient_norm`` is the L2 norm before
        clipping, ``epoch`` the epochs since the start, fractional. Numbers may be scalars of any framework; reading one that lives on
        an accelerator waits for it. NaN and infinity are data. ``metrics`` are other numbers by name, at most 64, such as ``reward`` or
        ``kl``. ``rank_norms`` says how ranks differ, as ``gradwatch.RankNorms`` or its three values. ``ended`` is when, in seconds
        since 1970, where that is not now.
        """
        if not self._channels or self._finished:
            self._pass_by(step)
            return
        if self._stop is not None:
            self._raise_stop()
        try:
            if self._unsaid:
                self._say_registration()
            said = StepNorms(
                values.count(step),
                None if epoch is None else self._value("epoch", epoch, values.position),
                now() if ended is None else self._value("ended", ended, values.moment) or now(),
                loss if loss is None or type(loss) is float else self._loss(loss),
                None if gradient_norm is None else self._value("gradient_norm", gradient_norm, values.measured),
                None if learning_rate is None else self._value("learning_rate", learning_rate, values.measured),
                self._layers(layers),
                NO_METRICS if metrics is None else self._metrics(metrics),
                None if rank_norms is None else self._intake.rank_norms(rank_norms),
            )
            self._place.step_ended(said.step)
            for channel in self._channels:
                channel.put_step(self._identity, said)
            if self._urgency.of(said):
                self._hurry()
        except Exception as e:
            self._refuse("step", step, e)

    def epoch(
        self,
        epoch: Any = None,
        *,
        step: Any = None,
        train_loss: Any = None,
        validation_loss: Any = None,
        train_accuracy: Any = None,
        validation_accuracy: Any = None,
        learning_rate: Any = None,
        gradient_norm: Any = None,
        metrics: "Optional[Mapping[str, Any]]" = None,
    ) -> None:
        """An epoch or an evaluation ended; ``epoch`` (may be fractional) or ``step`` says when. Accuracies are shares or percentages."""
        if not self.is_publishing:
            return
        if self._stop is not None:
            self._raise_stop()
        self._hand_over()
        try:
            fields: dict[str, Any] = {
                "epoch": self._value("epoch", epoch, values.position),
                "step": self._value("step", step, values.count),
                "train_loss": self._value("train_loss", train_loss, values.number),
                "validation_loss": self._value("validation_loss", validation_loss, values.number),
                "train_accuracy": self._value("train_accuracy", train_accuracy, values.accuracy),
                "validation_accuracy": self._value("validation_accuracy", validation_accuracy, values.accuracy),
                "learning_rate": self._value("learning_rate", learning_rate, values.measured),
                "gradient_norm": self._value("gradient_norm", gradient_norm, values.measured),
                "metrics": self._metrics(metrics),
            }
            if fields["epoch"] is None and fields["step"] is None:
                raise Refused("or step must be there")
            self._place.epoch_ended(fields["epoch"], fields["step"], fields["validation_loss"])
            self._say(EPOCH, fields)
        except Exception as e:
            self._refuse("epoch", epoch, e)

    def heartbeat(self, status: Optional[str] = None, *, step: Any = None) -> None:
        """The run is alive and has nothing else to say, such as during a long evaluation."""
        if not self.is_publishing:
            return
        try:
            fields = {"step": self._value("step", step, values.count), "status": values.optional(status, values.text)}
            self._say(HEARTBEAT, fields)
        except Exception as e:
            self._refuse("status", status, e)

    def finish(self, outcome: str = "COMPLETED", reason: Optional[str] = None, *, wait: bool = True) -> None:
        """The run ended. Waits until what was said is published, at most ``Settings.flush_seconds``; the second call does nothing.

        Without ``wait`` it returns at once, and a second call waits: for who ends several runs.
        """
        if not self._channels or self._ended:
            return
        if not self._finished:
            self._hand_over()
        try:
            self.begin_finish(outcome, reason)
            if not wait:
                return
            _lifetime.wait_for([self], self._waits_until - monotonic())
            self._ended = True
            _lifetime.let_go(self)
            self._say_what_was_lost()
        except Exception as e:
            self._refuse("outcome", outcome, e)

    # Attempts.

    def state_dict(self) -> "dict[str, Any]":
        """What a checkpoint should hold, so that a job that goes on from it is this run's next attempt, at the same place.

        ``step`` and ``epoch`` are those that come next, ``best`` is the best evaluation so far. Steps that an integration holds back are
        said first, which may wait for an accelerator.
        """
        self._hand_over()
        return {"run_id": self.id, "attempt": self.attempt, **self._place.state()}

    def load_state_dict(self, state: "Mapping[str, Any]") -> None:
        """Goes on as the next attempt of the run in a checkpoint. Call it before the first step.

        When the id of this run was fixed from outside, the checkpoint of another run changes nothing.
        """
        try:
            before = Identity(identities.checked_id(state["run_id"]), values.at_least(1)(state["attempt"]))
        except Exception as e:
            self._refuse("state", state, e)
            return
        if before.run_id == self.id:
            self._go_on_as(Identity(self.id, max(before.attempt + 1, self.attempt)), resumed=True)
        elif not self._fixed or not self._channels:
            self._go_on_as(Identity(before.run_id, before.attempt + 1), resumed=True)
        else:
            return
        self.restore(state)

    def restore(self, state: "Mapping[str, Any]") -> None:
        """Goes on counting from what ``state_dict`` gave, without a new attempt; ``load_state_dict`` and ``state=`` do it too."""
        try:
            self._place.restore(state)
        except Exception as e:
            self._refuse("state", state, e)

    def next_attempt(self, *, resumed: bool = True) -> None:
        """A new attempt begins in this process, such as after going back to a checkpoint; ``resumed`` says whether it goes on from one."""
        flag = self._value("resumed", resumed, values.flag)
        self._go_on_as(Identity(self.id, self.attempt + 1), resumed=flag is True)

    # As a context.

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: "Optional[type[BaseException]]",
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        outcome, reason = _lifetime.outcome_of(error)
        self.finish(outcome, reason)

    # As part of something that is copied, such as a trainer with its callbacks.

    def __copy__(self) -> "Run":
        return self

    def __deepcopy__(self, memo: "dict[int, Any]") -> "Run":
        """A run has one voice: a copy of its holder speaks with it."""
        return self

    def __reduce__(self) -> "tuple[Any, ...]":
        """In another process, or back from a file, it says nothing."""
        return _silent, (self.id, self.attempt)

    def __repr__(self) -> str:
        return f"<gradwatch.Run {self.id} attempt {self.attempt}: {self.published} published, {self.dropped} dropped>"

    # Inside.

    def _pass_by(self, step: Any) -> None:
        """A step that nobody publishes counts, too: another rank, or the next attempt, may go on from here."""
        try:
            self._place.step_ended(values.count(step))
        except Refused:
            pass

    def _loss(self, loss: Any) -> Optional[float]:
        if values.is_several(loss):
            self.report("loss-not-scalar", f"the loss is not one number but {values.described(loss)}: pass its mean")
            return None
        return self._value("loss", loss, values.number)


def _silent(run_id: str, attempt: int) -> Run:
    return Run(Settings(), Identity(run_id, attempt), lambda _: [], {})


def _is_zero(rate: Any) -> bool:
    try:
        return isinstance(rate, (int, float)) and not isinstance(rate, bool) and rate == 0
    except Exception:
        return False
