package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.HealthyRuns;
import dev.gradwatch.detection.scenario.RunLog;
import dev.gradwatch.detection.scenario.Watched;
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
 * A state that an earlier build wrote must be read by every later one. The bytes in {@code run-state-v1.bin} were written once, by
 * {@code -Dgradwatch.golden.write=true}, and stay as they are: when the layout changes, raise the version, keep the file and add another.
 */
class StoredStateTest {

    private static final String FILE = "run-state-v1.bin";
    private static final int WRITTEN_AT = 110;

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

    @Test
    @EnabledIfSystemProperty(named = "gradwatch.golden.write", matches = "true")
    void writesTheBytesOnce() throws IOException {
        Watched run = Watched.run(log().records().subList(0, WRITTEN_AT));
        Files.write(Path.of("src", "test", "resources", FILE), codec.encode(run.state()));
    }

    @Test
    void goesOnFromBytesOfTheFirstVersion() throws IOException {
        RunState run = codec.decode(stored());
        assertThat(run.runId()).isEqualTo("stored");
        assertThat(run.registration().name()).isEqualTo("stored");
        assertThat(run.registration().tags()).containsEntry("node", "a");
        assertThat(run.progress().step()).isEqualTo(WRITTEN_AT - 2);
        assertThat(run.loss().size()).isEqualTo(WRITTEN_AT - 1);
        assertThat(run.layers().size()).isEqualTo(6);
        assertThat(run.alerts().isLoud("dead-layers")).isTrue();

        List<Alert> alerts = new ArrayList<>();
        RunWatch watch = new RunWatch(DetectorSettings.defaults());
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
                .isEqualTo(Watched.run(log()).first("dead-layers").id());
    }

    private static byte[] stored() throws IOException {
        try (InputStream bytes = StoredStateTest.class.getResourceAsStream("/" + FILE)) {
            assertThat(bytes).as("%s in the test resources", FILE).isNotNull();
            return bytes.readAllBytes();
        }
    }
}
