package dev.gradwatch.recorded;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.StepNorms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads whole runs for tests. */
public final class ReadRuns {

    private ReadRuns() {}

    public static List<RunRecord> records(Path place) throws Exception {
        List<RunRecord> records = new ArrayList<>();
        try (RecordedRun run = RecordedRuns.open(place)) {
            for (RunRecord record = run.next(); record != null; record = run.next()) {
                records.add(record);
            }
        }
        return records;
    }

    public static List<StepNorms> steps(Path place) throws Exception {
        return records(place).stream()
                .filter(record -> record.event() instanceof GradientNorms)
                .map(record -> ((GradientNorms) record.event()).steps().get(0))
                .toList();
    }

    public static List<EpochCompleted> epochs(Path place) throws Exception {
        return records(place).stream()
                .filter(record -> record.event() instanceof EpochCompleted)
                .map(record -> (EpochCompleted) record.event())
                .toList();
    }
}
