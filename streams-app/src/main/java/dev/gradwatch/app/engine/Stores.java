package dev.gradwatch.app.engine;

import java.util.List;

/** The names of the state stores, and of the topics behind them. */
public final class Stores {

    /** One state per run, keyed by run id. */
    public static final String RUN_STATES = "run-state-store";

    private Stores() {}

    /** The compacted topic that holds a copy of {@link #RUN_STATES}, from which it is restored. */
    public static String runStatesChangelog(String applicationId) {
        return applicationId + "-" + RUN_STATES + "-changelog";
    }

    /** Every topic that Kafka Streams keeps for an application of this id: these names and no others. */
    public static List<String> internalTopics(String applicationId) {
        return List.of(runStatesChangelog(applicationId));
    }
}
