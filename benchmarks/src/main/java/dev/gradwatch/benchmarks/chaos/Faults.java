package dev.gradwatch.benchmarks.chaos;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Faults at random moments, all from one seed. Each is over, with everything started again, before the next one comes. */
final class Faults {

    /** What happens to whom. */
    enum Kind {
        KILL_SERVICE,
        KILL_BOTH_SERVICES,
        FREEZE_SERVICE,
        RESTART_SERVICE,
        KILL_BROKER,
        FREEZE_BROKER,
        KILL_REGISTRY
    }

    /** Longer than the session time-out of the service, so that a frozen instance comes back to work that is another's. */
    private static final int LONGEST_FREEZE_MILLIS = 14_000;

    private static final int LONGEST_OUTAGE_MILLIS = 5_000;
    private static final int LONGEST_CALM_MILLIS = 3_000;

    private final ChaosCluster cluster;
    private final Random random;
    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    private int endedByThemselves;

    Faults(ChaosCluster cluster, Random random) {
        this.cluster = cluster;
        this.random = random;
    }

    /** How many there were of each kind. */
    Map<Kind, Integer> counts() {
        return counts;
    }

    /** Processes of the service that ended although nobody ended them. */
    int endedByThemselves() {
        return endedByThemselves;
    }

    void next() throws IOException, InterruptedException {
        startWhatEnded();
        sleepUpTo(LONGEST_CALM_MILLIS);
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        counts.merge(kind, 1, Integer::sum);
        List<ChildProcess> services = cluster.services();
        ChildProcess service = services.get(random.nextInt(services.size()));
        switch (kind) {
            case KILL_SERVICE -> killAndStart(service);
            case KILL_BOTH_SERVICES -> {
                for (ChildProcess each : services) {
                    each.kill();
                }
                sleepUpTo(LONGEST_OUTAGE_MILLIS);
                for (ChildProcess each : services) {
                    each.start();
                }
            }
            case FREEZE_SERVICE -> freeze(service, LONGEST_FREEZE_MILLIS);
            case RESTART_SERVICE -> {
                service.terminate();
                service.start();
            }
            case KILL_BROKER -> killAndStart(cluster.broker());
            case FREEZE_BROKER -> freeze(cluster.broker(), LONGEST_OUTAGE_MILLIS);
            case KILL_REGISTRY -> killAndStart(cluster.registry());
        }
    }

    /** Everything runs again. */
    void startWhatEnded() throws IOException {
        for (ChildProcess service : cluster.services()) {
            if (!service.isAlive()) {
                endedByThemselves++;
                service.start();
            }
        }
        for (ChildProcess each : List.of(cluster.broker(), cluster.registry())) {
            if (!each.isAlive()) {
                each.start();
            }
        }
    }

    private void killAndStart(ChildProcess process) throws IOException, InterruptedException {
        process.kill();
        sleepUpTo(LONGEST_OUTAGE_MILLIS);
        process.start();
    }

    private void freeze(ChildProcess process, int longestMillis) throws IOException, InterruptedException {
        process.freeze();
        sleepUpTo(longestMillis);
        process.thaw();
    }

    private void sleepUpTo(int millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(millis + 1));
    }
}
