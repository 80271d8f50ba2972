package dev.gradwatch.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs of killed programs and bad disks: whatever is missing or wrong, what is read is what was written. */
class DamagedLogsTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keras-csvlogger.csv",
                "keras-resumed.csv",
                "lightning/metrics.csv",
                "lightning-plain/metrics.csv",
                "huggingface/checkpoint-12/trainer_state.json",
                "keras-tensorboard/train/events.out.tfevents.1760000000.host.1.0.v2",
                "tensorboardx-epochs/events.out.tfevents.1760000000.host.1.0",
                "torch-resumed/events.out.tfevents.1760000000.host.1.0"
            })
    void readsNothingWrongFromAFileThatIsCutOffAnywhere(String name) throws Exception {
        Path whole = FrameworkLogsTest.LOGS.resolve(name);
        List<RunEvent> expected = read(whole);
        Set<Object> places = places(expected);
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = folder.resolve(whole.getFileName());

        int most = 0;
        for (int length = 0; length < bytes.length; length++) {
            Files.write(cut, Arrays.copyOf(bytes, length));
            List<RunEvent> found = read(cut);
            int sure = Math.max(0, found.size() - 1);
            assertThat(found.size()).as("%s cut at %d", name, length).isLessThanOrEqualTo(expected.size());
            assertThat(found.subList(0, sure)).isEqualTo(expected.subList(0, sure));
            // The last one may not be complete: some logs tell of one step in several lines.
            assertThat(places.containsAll(places(found)))
                    .as("%s cut at %d: %s", name, length, found)
                    .isTrue();
            most = Math.max(most, found.size());
        }
        assertThat(most).isGreaterThanOrEqualTo(expected.size() - 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keras-csvlogger.csv",
                "huggingface/checkpoint-12/trainer_state.json",
                "torch-resumed/events.out.tfevents.1760000000.host.1.0"
            })
    void failsByNameOnlyWhateverByteIsWrong(String name) throws Exception {
        Path whole = FrameworkLogsTest.LOGS.resolve(name);
        byte[] bytes = Files.readAllBytes(whole);
        Path damaged = folder.resolve(whole.getFileName());
        List<RunEvent> expected = read(whole);

        for (int at = 0; at < bytes.length; at++) {
            for (int flip : new int[] {0xff, 0x01}) {
                byte[] wrong = bytes.clone();
                wrong[at] ^= (byte) flip;
                Files.write(damaged, wrong);
                List<RunEvent> found = read(damaged);
                if (name.contains("tfevents")) {
                    // Checksums hold: nothing but the truth, up to the fault.
                    assertThat(expected.subList(0, Math.max(0, found.size() - 1)))
                            .isEqualTo(found.subList(0, Math.max(0, found.size() - 1)));
                }
            }
        }
    }

    /** Every number with the place where it stands. */
    private static Set<Object> places(List<RunEvent> events) {
        Set<Object> places = new HashSet<>();
        for (RunEvent event : events) {
            if (event instanceof GradientNorms norms) {
                StepNorms step = norms.steps().get(0);
                add(places, step.step(), step.loss(), step.gradientNorm(), step.learningRate());
                for (LayerNorms layer : step.layers()) {
                    add(places, step.step(), layer.gradientNorm(), layer.updateNorm());
                }
            } else if (event instanceof EpochCompleted epoch) {
                Number at = epoch.epoch();
                if (epoch.step() != null) {
                    at = epoch.step();
                }
                add(
                        places,
                        at,
                        epoch.trainLoss(),
                        epoch.validationLoss(),
                        epoch.trainAccuracy(),
                        epoch.validationAccuracy(),
                        epoch.learningRate());
            }
        }
        return places;
    }

    private static void add(Set<Object> places, Number at, Double... numbers) {
        for (Double number : numbers) {
            if (number != null) {
                places.add(List.of(at.doubleValue(), number));
            }
        }
    }

    /** What can be read; a fault must be a typed one. */
    private static List<RunEvent> read(Path file) throws IOException {
        List<RunEvent> events = new ArrayList<>();
        try (RecordedRun run = RecordedRuns.open(file)) {
            run.next();
            for (var record = run.next(); record != null; record = run.next()) {
                if (record.event() instanceof GradientNorms || record.event() instanceof EpochCompleted) {
                    events.add(record.event());
                }
            }
        } catch (RecordedRunException e) {
            assertThat(e).hasMessageStartingWith(file + "");
        }
        return events;
    }
}
