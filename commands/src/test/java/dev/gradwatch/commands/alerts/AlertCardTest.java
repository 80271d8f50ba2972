package dev.gradwatch.commands.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Evidence;
import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.alert.Recovery;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.wire.AlertRecords;
import dev.gradwatch.wire.PublishedAlerts;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertCardTest {

    @Test
    void saysWhatWhereWhyAndWhatToDo() {
        String card = AlertCard.of(alert(AlertState.OPENED, "digits-mlp", null), "digits-mlp", "vision", Style.PLAIN);

        assertThat(card).isEqualTo("""
                CRITICAL  zero-gradients  digits-mlp  (vision, attempt 1)  step 5, epoch 0
                The gradient was exactly zero in the last 5 steps: the weights no longer change.
                Likely   unscaled inputs (0.82): the first loss was 13.9
                         dying ReLU (0.10)
                Do       scale the inputs to about 0..1 and start again.
                Missing  update norms (would tell a frozen optimizer apart)""");
    }

    @Test
    void wrapsAtTheWidthOfTheTerminalSoThatEachCauseIsSeenToBegin() {
        String card = String.join(
                "\n",
                AlertCard.inFull(
                        FinalAlerts.seen("loss-spike", Severity.WARNING, 130, 3, 131L), null, Style.PLAIN, 60));

        assertThat(card).isEqualTo("""
                WARNING   loss-spike  step 130, epoch 3
                Something was seen and described at some length and
                described at some length and described at some length in
                plain words.
                Likely   corrupt batch (0.50): the batch at this step is 33
                           times larger than those before it; but the one
                           after it is not
                         unstable gradients (0.30), but they are calm
                Do       inspect the batch at this step, and skip or repair
                         it
                Also     loss-spike (same fault)
                Missing  per-layer norms (would tell dead layers and
                           saturation apart)
                         the learning rate
                Recovery continue with the weights as they are: the run
                         recovered by itself; best epoch so far: 2
                Ended    the run recovered at step 131, epoch 3""");
    }

    @Test
    void aNoteIsOverAndNothingRecovers() {
        List<String> card =
                AlertCard.inFull(FinalAlerts.seen("loss-spike", Severity.INFO, 130, 3, 131L), null, Style.PLAIN, 60);

        assertThat(card).last().isEqualTo("Ended    over at step 131, epoch 3");
    }

    @Test
    void alwaysSaysHowToGoOnWhateverTheRemedySays() {
        Alert goBack = alert(AlertState.OPENED, "r", null)
                .next(AlertState.UPDATED, new Position(1, 5L, 0.0))
                .recovery(Recovery.goBackTo(129, Recovery.Reason.LOWEST_LOSS), 129L, 2.0)
                .diagnosis(
                        List.of(new ProbableCause(
                                "x", 0.5, List.of(), List.of(), "keep the checkpoint of your choice")),
                        List.of())
                .build();

        assertThat(AlertCard.of(goBack, "r", null, Style.PLAIN))
                .contains(
                        "Recovery go back to a checkpoint at or before step 129: the training loss was lowest there; best\n"
                                + "         epoch so far: 2");
    }

    @Test
    void saysTheFactsWhereTheRecoveryIsNotKnown() {
        Alert unknown = alert(AlertState.OPENED, "r", null)
                .next(AlertState.UPDATED, new Position(1, 5L, 0.0))
                .recovery(Recovery.UNKNOWN, 129L, 2.0)
                .build();

        assertThat(AlertCard.of(unknown, "r", null, Style.PLAIN))
                .contains("Recovery a checkpoint at or before step 129; best epoch so far: 2");
    }

    @Test
    void everyRecoveryIsASentence() {
        for (Recovery.Reason reason : Recovery.Reason.values()) {
            assertThat(RecoveryText.of(Recovery.startAgain(reason)))
                    .as(reason.code())
                    .startsWith("start again");
        }
        assertThat(RecoveryText.of(Recovery.goBackToEpoch(2.5, Recovery.Reason.BEST_VALIDATION_LOSS)))
                .isEqualTo("go back to the checkpoint of epoch 2.5: the validation loss was lowest there");
        assertThat(RecoveryText.of(Recovery.UNKNOWN)).isNull();
    }

    @Test
    void namesTheDetectorThatTookOver() {
        FinalAlert seen = FinalAlerts.seen("loss-spike", Severity.WARNING, 130, 3, 131L);
        Alert superseded = seen.alert()
                .next(AlertState.SUPERSEDED, seen.ended())
                .supersededBy("id")
                .ended()
                .build();
        FinalAlert over = new FinalAlert(superseded, seen.opened(), seen.ended(), seen.place());

        assertThat(AlertCard.inFull(over, "non-finite-values", Style.PLAIN, 80))
                .last()
                .isEqualTo("Ended    taken over by non-finite-values at step 131, epoch 3");
        assertThat(AlertCard.of(superseded, "run", null, Style.PLAIN))
                .isEqualTo("SUPERSEDED loss-spike  run  (attempt 1)  step 131, epoch 3");
    }

    @Test
    void saysTheEndInOneLine() {
        String card = AlertCard.of(
                alert(AlertState.RESOLVED, "digits-mlp", new Position(2, 90L, 4.5)), null, null, Style.PLAIN);

        assertThat(card).isEqualTo("RESOLVED  zero-gradients  digits-mlp  (attempt 1)  step 90, epoch 4.5");
    }

    @Test
    void coloursNothingButTheSeverity() {
        String card = AlertCard.of(alert(AlertState.OPENED, "r", null), "r", null, Style.COLOURED);

        assertThat(card.lines().findFirst().orElseThrow()).startsWith("\u001B[1;31mCRITICAL \u001B[0m ");
    }

    @Test
    void staysNarrowAndPlainWhateverARunCallsItself() {
        String wild = "\u001B[2J" + "very-long-name-".repeat(40) + "\u001B]0;x\u0007";

        String card = AlertCard.of(alert(AlertState.OPENED, wild, null), wild, wild, Style.PLAIN);

        assertThat(card).doesNotContain("\u001B").contains("attempt 1");
        assertThat(card.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void showsTheSameCardAfterAWayThroughTheTopic() {
        Alert alert = alert(AlertState.OPENED, "digits-mlp", null);
        RunStarted registration =
                RunStarted.builder().name("digits").team("vision").build();
        var message = AlertRecords.toAvro(alert, registration);

        assertThat(AlertCard.of(PublishedAlerts.toAlert(message), message.getRunName(), message.getTeam(), Style.PLAIN))
                .isEqualTo(AlertCard.of(alert, "digits", "vision", Style.PLAIN));
    }

    @Test
    void writesNonFiniteEvidenceAsText() {
        assertThat(AlertJson.line(alert(AlertState.OPENED, "r", null)))
                .contains("\"value\":\"NaN\"", "\"opened_epoch\":0.0", "\"resolved_step\":null");
    }

    private static Alert alert(AlertState state, String run, Position ended) {
        return new Alert(
                "id",
                1,
                state,
                run,
                1,
                "zero-gradients",
                Severity.CRITICAL,
                "The gradient was exactly zero in the last 5 steps: the weights no longer change.",
                new Position(1, 5L, 0.0),
                new Position(1, 5L, 0.0),
                ended,
                List.of(new Evidence("observed", Double.NaN, "loss")),
                List.of(),
                List.of(
                        new ProbableCause(
                                "unscaled-inputs",
                                0.82,
                                List.of("the first loss was 13.9"),
                                List.of(),
                                "scale the inputs to about 0..1 and start again."),
                        new ProbableCause("dying-relu", 0.1, List.of(), List.of(), "LeakyReLU")),
                List.of("update norms (would tell a frozen optimizer apart)"),
                false,
                null,
                null,
                Recovery.UNKNOWN,
                null,
                List.of());
    }
}
