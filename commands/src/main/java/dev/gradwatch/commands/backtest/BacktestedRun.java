package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.commands.drawing.ProgressPoint;
import dev.gradwatch.commands.drawing.RunCurve;
import dev.gradwatch.commands.options.RegistrationOptions;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A recorded run after the detection core has seen all of it.
 *
 * @param alerts in their final states, in the order in which they opened
 * @param last the last place of the run
 * @param curve what was seen of its losses
 */
record BacktestedRun(
        String runId,
        RunStarted registration,
        long records,
        int attempts,
        Position last,
        List<FinalAlert> alerts,
        RunCurve curve) {

    /** Reads the file and watches it as the service would. */
    static BacktestedRun watch(Path file, RunWatch core) throws RecordedRunException {
        List<RecordedRunException> cutOff = new ArrayList<>(1);
        BacktestedRun run = watch(RecordedRuns.open(file), List.of(core), new RegistrationOptions(), cutOff::add)
                .get(0);
        if (!cutOff.isEmpty()) {
            throw cutOff.get(0);
        }
        return run;
    }

    /**
     * Reads the run to its end and closes it, and watches it with each core; the same run as each of them sees it, in their order.
     *
     * @param registration what is said of the run beside its file
     * @param cutOff hears that the file breaks off; what came before was watched
     */
    static List<BacktestedRun> watch(
            RecordedRun opened,
            List<RunWatch> cores,
            RegistrationOptions registration,
            Consumer<RecordedRunException> cutOff)
            throws RecordedRunException {
        try (RecordedRun run = opened) {
            List<Watching> all =
                    cores.stream().map(core -> new Watching(core, run.runId())).toList();
            try {
                for (RunRecord read = run.next(); read != null; read = run.next()) {
                    RunRecord record = registration.complete(opened.file(), read);
                    for (Watching one : all) {
                        one.add(record);
                    }
                }
            } catch (RecordedRunException e) {
                if (!e.isCutOff()) {
                    throw e;
                }
                cutOff.accept(e);
            }
            return all.stream()
                    .map(one -> one.result(run.runId(), registration.complete(opened.file(), run.registration())))
                    .toList();
        } catch (IOException e) {
            throw new RecordedRunException(opened.file(), 0, "reading failed: " + e.getMessage(), null);
        }
    }

    /** The detector of the alert that took over another; {@code null} where none did. */
    String successorOf(FinalAlert seen) {
        return alerts.stream()
                .filter(other -> other.alert().id().equals(seen.alert().supersededBy()))
                .map(other -> other.alert().detector())
                .findFirst()
                .orElse(null);
    }

    /** The gravest severity of its alerts; {@code null} without any. */
    Severity gravest() {
        return alerts.stream()
                .map(seen -> seen.alert().severity())
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    /** What people call it. */
    String name() {
        return TerminalText.of(Objects.requireNonNullElse(registration.name(), runId));
    }

    private static final class Watching {
        private final RunWatch core;
        private final RunState state;
        private final Map<String, FinalAlert> seen = new LinkedHashMap<>();
        private final List<String> before = new ArrayList<>();
        private Position place = new Position(0, null, null);
        private final RunCurve curve = new RunCurve();
        private long records;
        private int attempts;

        Watching(RunWatch core, String runId) {
            this.core = core;
            this.state = core.newRun(runId);
        }

        void add(RunRecord record) {
            if (record.event() instanceof RunStarted) {
                if (attempts++ > 0) {
                    curve.turn();
                }
            } else {
                records++;
            }
            move(record);
            curve.add(record.event());
            core.apply(state, record, this::alertChanged);
            placeEarlyAlerts();
        }

        BacktestedRun result(String runId, RunStarted registration) {
            return new BacktestedRun(runId, registration, records, attempts, place, List.copyOf(seen.values()), curve);
        }

        private void move(RunRecord record) {
            Long step = place.step();
            Double epoch = place.epoch();
            RunEvent event = record.event();
            if (event instanceof GradientNorms norms) {
                StepNorms last = norms.steps().get(norms.steps().size() - 1);
                step = last.step();
                epoch = last.epoch() == null ? epoch : last.epoch();
            } else if (event instanceof EpochCompleted completed) {
                step = completed.step() == null ? step : completed.step();
                epoch = completed.epoch() == null ? epoch : completed.epoch();
            }
            place = new Position(record.timeMillis(), step, epoch);
        }

        private void alertChanged(Alert alert) {
            FinalAlert known = seen.get(alert.id());
            if (known == null && place.step() == null && place.epoch() == null) {
                before.add(alert.id());
            }
            Position opened = known == null ? filled(alert.opened()) : known.opened();
            ProgressPoint at = known == null ? curve.course().place() : known.place();
            seen.put(
                    alert.id(),
                    new FinalAlert(alert, opened, alert.ended() == null ? null : filled(alert.ended()), at));
        }

        /** An alert on the registration alone opened before the run had a place; it gets the first one. */
        private void placeEarlyAlerts() {
            if (before.isEmpty() || (place.step() == null && place.epoch() == null)) {
                return;
            }
            for (String id : before) {
                seen.computeIfPresent(
                        id, (same, s) -> new FinalAlert(s.alert(), filled(s.opened()), s.ended(), s.place()));
            }
            before.clear();
        }

        private Position filled(Position position) {
            return new Position(
                    position.timeMillis(),
                    position.step() == null ? place.step() : position.step(),
                    position.epoch() == null ? place.epoch() : position.epoch());
        }
    }
}
