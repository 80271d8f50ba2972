package dev.gradwatch.app.engine;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.GradientNorms;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.state.RunState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What runs of a fleet say, made from a seed, and what the pure core says of it. */
final class PublishedRuns {

    static final long START = 1_760_000_000_000L;

    private PublishedRuns() {}

    /**
     * A run of fifteen epochs with twenty steps each. In epoch {@code faultyFrom} its loss and norms turn into NaN, recover two epochs later
     * for one epoch, and are lost again; at 99 it stays healthy.
     */
    static List<RunRecord> run(String runId, long seed, int faultyFrom) {
        Random random = new Random(seed);
        List<RunRecord> records = new ArrayList<>();
        long time = START + random.nextInt(1000);
        RunStarted registration = RunStarted.builder()
                .name("name of " + runId)
                .team("vision")
                .cluster("north")
                .loss("cross-entropy")
                .classes(10)
                .learningRate(0.001)
                .stepsPerEpoch(20L)
                .plannedEpochs(15)
                .tags(Map.of("node", "n" + random.nextInt(4)))
                .build();
        records.add(new RunRecord(runId, 1, time, registration));
        double loss = 2.3;
        for (int epoch = 1; epoch <= 15; epoch++) {
            boolean faulty = epoch >= faultyFrom && epoch != faultyFrom + 2;
            for (int batch = 0; batch < 4; batch++) {
                List<StepNorms> steps = new ArrayList<>();
                for (int i = 1; i <= 5; i++) {
                    long step = (epoch - 1) * 20L + batch * 5L + i;
                    time += 1000;
                    loss = 0.3 + 2 * Math.exp(-step / 100.0) + 0.02 * random.nextGaussian();
                    double norm = faulty ? Double.NaN : 1 + 0.2 * random.nextDouble();
                    List<LayerNorms> layers = List.of(
                            new LayerNorms("dense_1", norm * 0.6, 0.1, 10.0, 0.01),
                            new LayerNorms("dense_2", norm * 0.8, 0.1, 10.0, 0.01));
                    steps.add(new StepNorms(
                            step, (step - 1) / 20.0, time, faulty ? Double.NaN : loss, norm, 0.001, layers));
                }
                records.add(new RunRecord(runId, 1, time, new GradientNorms(steps)));
            }
            double seen = faulty ? Double.NaN : loss;
            records.add(new RunRecord(
                    runId,
                    1,
                    time,
                    new EpochCompleted(
                            (double) epoch, epoch * 20L, seen, seen * 1.1, 0.5, 0.45, 0.001, null, Map.of())));
        }
        records.add(new RunRecord(runId, 1, time + 500, new RunFinished(RunFinished.Outcome.COMPLETED, null)));
        return records;
    }

    /** Many runs, one in three of them faulty, their records interleaved as a fleet's are. */
    static List<RunRecord> fleet(String name, int runs, long seed) {
        Random random = new Random(seed);
        List<List<RunRecord>> left = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            left.add(new ArrayList<>(run(name + "-" + i, seed + i, i % 3 == 0 ? 3 + random.nextInt(8) : 99)));
        }
        List<RunRecord> records = new ArrayList<>();
        while (!left.isEmpty()) {
            List<RunRecord> next = left.get(random.nextInt(left.size()));
            records.add(next.remove(0));
            if (next.isEmpty()) {
                left.remove(next);
            }
        }
        return records;
    }

    /** What the pure core says, run by run. */
    static Map<String, List<Alert>> alerts(List<RunRecord> records) {
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        Map<String, RunState> states = new LinkedHashMap<>();
        Map<String, List<Alert>> alerts = new LinkedHashMap<>();
        for (RunRecord record : records) {
            RunState state = states.computeIfAbsent(record.runId(), core::newRun);
            core.apply(
                    state,
                    record,
                    alert -> alerts.computeIfAbsent(record.runId(), id -> new ArrayList<>())
                            .add(alert));
        }
        return alerts;
    }
}
