package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.schemas.Cause;
import dev.gradwatch.schemas.OpenAlert;
import dev.gradwatch.schemas.RecoveryAction;
import dev.gradwatch.schemas.RecoveryReason;
import dev.gradwatch.schemas.RunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AlertRecordsTest {

    private static final Position OPENED = new Position(1_000, 40L, 1.5);
    private static final Position UPDATED = new Position(2_000, 50L, 2.0);
    private static final Position ENDED = new Position(3_000, 60L, null);
    private static final RunStarted REGISTRATION = RunStarted.builder()
            .name("resnet")
            .project("vision")
            .team("blue")
            .cluster("north")
            .group("search-7")
            .plannedEpochs(10)
            .plannedSteps(1_000L)
            .tags(Map.of("node", "n1"))
            .build();

    private final MemoryRegistry registry = new MemoryRegistry();

    @Test
    void carriesEverythingThatAnAlertSays() throws UndecodableRecordException {
        AvroWire<dev.gradwatch.schemas.Alert> wire =
                new AvroWire<>(dev.gradwatch.schemas.Alert.class, "alerts-value", registry, true);

        dev.gradwatch.schemas.Alert avro =
                wire.decode(wire.encode(AlertRecords.toAvro(alert(AlertState.RESOLVED, ENDED), REGISTRATION)));

        assertThat(avro.getId()).isEqualTo("id-1");
        assertThat(avro.getRevision()).isEqualTo(3);
        assertThat(avro.getRunId()).isEqualTo("run-1");
        assertThat(avro.getAttempt()).isEqualTo(2);
        assertThat(avro.getRunName()).isEqualTo("resnet");
        assertThat(avro.getProject()).isEqualTo("vision");
        assertThat(avro.getTeam()).isEqualTo("blue");
        assertThat(avro.getCluster()).isEqualTo("north");
        assertThat(avro.getGroup()).isEqualTo("search-7");
        assertThat(avro.getTags()).isEqualTo(Map.of("node", "n1"));
        assertThat(avro.getDetector()).isEqualTo("loss-divergence");
        assertThat(avro.getSummary()).isEqualTo("The loss rises.");
        assertThat(avro.getOpenedAt()).isEqualTo(Instant.ofEpochMilli(1_000));
        assertThat(avro.getOpenedStep()).isEqualTo(40);
        assertThat(avro.getOpenedEpoch()).isEqualTo(1.5);
        assertThat(avro.getUpdatedAt()).isEqualTo(Instant.ofEpochMilli(2_000));
        assertThat(avro.getResolvedAt()).isEqualTo(Instant.ofEpochMilli(3_000));
        assertThat(avro.getResolvedStep()).isEqualTo(60);
        assertThat(avro.getResolvedEpoch()).isNull();
        // By value: the generated equals() does not find NaN equal to itself.
        assertThat(avro.getEvidence())
                .extracting(e -> new Evidence(e.getName(), e.getValue(), e.getUnit()))
                .containsExactly(new Evidence("observed", Double.NaN, "loss"), new Evidence("ratio", 2.5, null));
        assertThat(avro.getSymptoms()).containsExactly("loss-spike");
        assertThat(avro.getCauses())
                .containsExactly(new Cause("rate-too-high", 0.7, List.of("for"), List.of("against"), "Lower it."));
        assertThat(avro.getMissingEvidence()).containsExactly("learning_rate: tells the rate from the data");
        assertThat(avro.getStopRecommended()).isTrue();
        assertThat(avro.getLastHealthyStep()).isEqualTo(39);
        assertThat(avro.getBestEpoch()).isEqualTo(1.0);
        assertThat(avro.getRecovery())
                .isEqualTo(new dev.gradwatch.schemas.Recovery(
                        RecoveryAction.GO_BACK_TO_STEP, 39L, null, RecoveryReason.LOWEST_LOSS));
        assertThat(avro.getSupersedes()).containsExactly("id-0");
    }

    @Test
    void leavesRegistrationAndEndingAbsentWhereThereIsNone() {
        dev.gradwatch.schemas.Alert avro = AlertRecords.toAvro(alert(AlertState.OPENED, null), null);

        assertThat(avro.getRunName()).isNull();
        assertThat(avro.getTags()).isEmpty();
        assertThat(avro.getResolvedAt()).isNull();
    }

    @ParameterizedTest
    @EnumSource(Recovery.Action.class)
    void comesBackFromTheTopicAsItWas(Recovery.Action action) {
        for (Recovery.Reason reason : Recovery.Reason.values()) {
            Recovery recovery = new Recovery(
                    action,
                    action == Recovery.Action.GO_BACK_TO_STEP ? 7L : null,
                    action == Recovery.Action.GO_BACK_TO_EPOCH ? 2.5 : null,
                    reason);
            Alert alert = alert(AlertState.SUPERSEDED, ENDED)
                    .next(AlertState.SUPERSEDED, new Position(2_000, null, null))
                    .recovery(recovery, 7L, 2.5)
                    .supersededBy("id-2")
                    .build();

            assertThat(PublishedAlerts.toAlert(AlertRecords.toAvro(alert, null)))
                    .isEqualTo(alert);
        }
    }

    @Test
    void anAlertOfAVersionThatNamedNoRecoveryHasAnUnknownOne() {
        dev.gradwatch.schemas.Alert avro = AlertRecords.toAvro(alert(AlertState.OPENED, null), null);
        avro.setRecovery(null);

        assertThat(PublishedAlerts.toAlert(avro).recovery()).isEqualTo(Recovery.UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource(AlertState.class)
    void keepsTheNameOfEveryState(AlertState state) {
        assertThat(AlertRecords.toAvro(alert(state, null), null).getState()).hasToString(state.name());
    }

    @ParameterizedTest
    @EnumSource(RunSnapshot.Phase.class)
    void keepsTheNameOfEveryPhase(RunSnapshot.Phase phase) {
        assertThat(AlertRecords.toAvro(snapshot(phase, null)).getPhase()).hasToString(phase.name());
    }

    @Test
    void carriesEverythingThatASnapshotSays() throws UndecodableRecordException {
        AvroWire<RunStatus> wire = new AvroWire<>(RunStatus.class, "run-status-value", registry, true);

        RunStatus avro =
                wire.decode(wire.encode(AlertRecords.toAvro(snapshot(RunSnapshot.Phase.TRAINING, REGISTRATION))));

        assertThat(avro)
                .isEqualTo(new RunStatus(
                        "run-1",
                        2,
                        "resnet",
                        "vision",
                        "blue",
                        "north",
                        "search-7",
                        dev.gradwatch.schemas.RunPhase.TRAINING,
                        true,
                        Instant.ofEpochMilli(2_000),
                        50L,
                        2.0,
                        10,
                        1_000L,
                        0.5,
                        Double.NaN,
                        0.4,
                        1.0,
                        9.0,
                        1e-3,
                        List.of(new OpenAlert("id-1", "loss-spike", "WARNING", 40L, 1.5)),
                        List.of("baseline_loss: loss-plateau"),
                        100L,
                        7L,
                        8L,
                        List.of(),
                        9L));
        assertThat(AlertRecords.toAvro(snapshot(RunSnapshot.Phase.TRAINING, null))
                        .getRegistered())
                .isFalse();
    }

    private static Alert alert(AlertState state, Position ended) {
        return new Alert(
                "id-1",
                3,
                state,
                "run-1",
                2,
                "loss-divergence",
                Severity.CRITICAL,
                "The loss rises.",
                OPENED,
                UPDATED,
                ended,
                List.of(new Evidence("observed", Double.NaN, "loss"), new Evidence("ratio", 2.5, null)),
                List.of("loss-spike"),
                List.of(new ProbableCause("rate-too-high", 0.7, List.of("for"), List.of("against"), "Lower it.")),
                List.of("learning_rate: tells the rate from the data"),
                true,
                39L,
                1.0,
                Recovery.goBackTo(39, Recovery.Reason.LOWEST_LOSS),
                state == AlertState.SUPERSEDED ? "id-2" : null,
                List.of("id-0"));
    }

    private static RunSnapshot snapshot(RunSnapshot.Phase phase, RunStarted registration) {
        return new RunSnapshot(
                "run-1",
                2,
                phase,
                registration,
                UPDATED,
                0.5,
                Double.NaN,
                0.4,
                1.0,
                9.0,
                1e-3,
                List.of(new RunSnapshot.AlertSummary("id-1", "loss-spike", Severity.WARNING, OPENED)),
                List.of("baseline_loss: loss-plateau"),
                100,
                7,
                8,
                List.of(),
                9);
    }
}
