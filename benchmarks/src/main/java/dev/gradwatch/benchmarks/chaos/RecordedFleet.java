package dev.gradwatch.benchmarks.chaos;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Recorded runs that arrive again and again under new ids, a few at the same time, their records interleaved. */
final class RecordedFleet {

    private static final int AT_A_TIME = 12;

    private final List<List<RunRecord>> recorded = new ArrayList<>();
    private final List<Playing> playing = new ArrayList<>();
    private final Random random;
    private int started;
    private boolean ending;

    private static final class Playing {
        private final String runId;
        private final List<RunRecord> records;
        private int next;

        Playing(String runId, List<RunRecord> records) {
            this.runId = runId;
            this.records = records;
        }
    }

    /** @param source a file or a folder of recorded runs */
    RecordedFleet(Path source, Random random) throws IOException, RecordedRunException {
        this.random = random;
        for (Path file : RecordedRuns.in(source)) {
            List<RunRecord> records = new ArrayList<>();
            try (RecordedRun run = RecordedRuns.open(file)) {
                for (RunRecord record = run.next(); record != null; record = run.next()) {
                    records.add(record);
                }
            }
            recorded.add(records);
        }
    }

    int runs() {
        return started;
    }

    /** No more runs begin; those that have end. */
    void finish() {
        ending = true;
    }

    /** The next record, or {@code null} when all runs have ended. */
    RunRecord next() {
        while (!ending && playing.size() < AT_A_TIME) {
            List<RunRecord> records = recorded.get(random.nextInt(recorded.size()));
            playing.add(new Playing("chaos-" + started++, records));
        }
        if (playing.isEmpty()) {
            return null;
        }
        Playing run = playing.get(random.nextInt(playing.size()));
        RunRecord record = run.records.get(run.next++);
        if (run.next == run.records.size()) {
            playing.remove(run);
        }
        return new RunRecord(run.runId, record.attempt(), record.timeMillis(), record.event());
    }
}
