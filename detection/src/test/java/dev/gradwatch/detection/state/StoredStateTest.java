package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted.LayerDescription;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.SyntheticCurve;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A state that an earlier build wrote must be read by every later one. The bytes in {@code run-state-v1.bin} were written once, by an
 * earlier build, those in {@code run-state-v1-epochs.bin} by {@code -Dgradwatch.golden.write=true}; both stay as they are: when the layout
 * grows, keep the files and add another.
 */
class StoredStateTest {

    /** Written before the curve of epochs, the times of steps and the layers' parameters were stored. */
    private static final String FIRST = "run-state-v1.bin";

    private static final String FILE = "run-state-v1-epochs.bin";
    private static final int WRITTEN_AT = 110;
    private static final int EPOCHS_WRITTEN_AT = 420;

    private final RunStateCodec codec = new RunStateCodec();

    /** Registration, layers, epochs, an open note, and a fault that begins before and ends after the bytes were written. */
    private static RunLog log() {
        RunLog log = RunLog.of("stored")
                .started(HealthyRuns.tenClasses()
                        .name("stored")
                        .tags(Map.of("node", "a"))
                        .build());
        for (RunRecord record : FaultyRuns.deadLayers().records()) {
            log.add(record.event());
        }
        return log;
    }

    /** Epochs with accuracies, steps with times, and registered layers, one of them recurrent. */
    private static RunLog logWithEpochs() {
        SyntheticCurve curve = new SyntheticCurve(77);
        RunLog log = RunLog.of("stored-epochs")
                .started(HealthyRuns.tenClasses()
                        .layers(List.of(
                                new LayerDescription("rnn", 4096L, false), new LayerDescription("head", 640L, false)))
                        .build());
        for (int i = 0; i < 600; i++) {
            double norm = curve.noisy(1, 0.1);
            log.after(i < 380 ? 0 : 2)
                    .step(
                            curve.noisy(SyntheticCurve.decay(2.3, 0.4, 150, i), 0.03),
                            norm,
                            1e-3,
                            List.of(
                                    new LayerNorms("rnn", norm, 0.0, 8.0, 0.008),
                                    new LayerNorms("head", norm, 0.0, 3.0, 0.003)));
            if (i % 40 == 39) {
                double fit = 0.9 - 0.8 * Math.exp(-i / 150.0);
                log.epoch(null, curve.noisy(SyntheticCurve.decay(2.3, 0.5, 150, i), 0.01), fit, fit - 0.02, null);
            }
        }
        return log;
    }

    @Test
    @EnabledIfSystemProperty(named = "gradwatch.golden.write", matches = "true")
    void writesTheBytesOnce() throws IOException {
        Path file = Path.of("src", "test", "resources", FILE);
        if (!Files.exists(file)) {
            WatchedRun run = WatchedRun.run(logWithEpochs().records().subList(0, EPOCHS_WRITTEN_AT));
            Files.write(file, codec.encode(run.state()));
        }
    }

    @Test
    void goesOnFromBytesWithTheCurveOfEpochs() throws IOException {
        RunState run = codec.decode(stored(FILE));
        assertThat(run.epochs().count()).isEqualTo(10);
        assertThat(run.epochs().trainAccuracy().size()).isEqualTo(8);
        assertThat(run.epochs().share(0.5)).isEqualTo(0.5);
        assertThat(run.stepTimes().usualMillis()).isBetween(1000.0, 1100.0);
        assertThat(run.layers().parameters()).isEqualTo(4736);
        assertThat(run.layers().hasPlainRecurrent()).isTrue();
        assertThat(run.validation().evaluations()).isEqualTo(10);

        List<Alert> alerts = new ArrayList<>();
        RunWatch watch = new RunWatch(DetectionSettings.defaults());
        List<RunRecord> records = logWithEpochs().records();
        for (RunRecord record : records.subList(EPOCHS_WRITTEN_AT, records.size())) {
            watch.apply(run, record, alerts::add);
        }

        assertThat(run.epochs().count()).isEqualTo(15);
        assertThat(alerts).extracting(Alert::detector).contains("slow-steps");
        assertThat(alerts)
                .extracting(Alert::id)
                .contains(WatchedRun.run(logWithEpochs()).first("slow-steps").id());
    }

    @Test
    void goesOnFromBytesOfTheFirstBuild() throws IOException {
        RunState run = codec.decode(stored(FIRST));
        assertThat(run.epochs().count()).isZero();
        assertThat(run.stepTimes().usualMillis()).isNaN();
        assertThat(run.layers().parameters()).isZero();
        assertThat(run.validation().first()).isNaN();
        assertThat(run.runId()).isEqualTo("stored");
        assertThat(run.registration().name()).isEqualTo("stored");
        assertThat(run.registration().tags()).containsEntry("node", "a");
        assertThat(run.progress().step()).isEqualTo(WRITTEN_AT - 2);
        assertThat(run.loss().size()).isEqualTo(WRITTEN_AT - 1);
        assertThat(run.layers().size()).isEqualTo(6);
        assertThat(run.alerts().isPaging("dead-layers")).isTrue();

        List<Alert> alerts = new ArrayList<>();
        RunWatch watch = new RunWatch(DetectionSettings.defaults());
        List<RunRecord> records = log().finished().records();
        for (RunRecord record : records.subList(WRITTEN_AT, records.size())) {
            watch.apply(run, record, alerts::add);
        }

        assertThat(run.loss().size()).isEqualTo(160);
        assertThat(alerts)
                .filteredOn(alert -> alert.detector().equals("dead-layers"))
                .extracting(Alert::state)
                .containsExactly(AlertState.CLOSED);
        assertThat(alerts.get(0).id())
                .isEqualTo(WatchedRun.run(log()).first("dead-layers").id());
    }

    private static byte[] stored(String file) throws IOException {
        try (InputStream bytes = StoredStateTest.class.getResourceAsStream("/" + file)) {
            assertThat(bytes).as("%s in the test resources", file).isNotNull();
            return bytes.readAllBytes();
        }
    }
}
