package dev.gradwatch.app.engine;

/** The names of the topology's nodes. They are part of metric and log lines, so a changed name is a change that users notice. */
public final class Nodes {

    /** Source: what runs say. */
    public static final String READ_TRAINING_EVENTS = "read-training-events";
    /** Processor: bytes to events. */
    public static final String DECODE_EVENT = "decode-event";
    /** Processor: events to alerts, by the state of their run. */
    public static final String WATCH_RUN = "watch-run";
    /** Sink. */
    public static final String WRITE_ALERTS = "write-alerts";
    /** Sink. */
    public static final String WRITE_RUN_STATUS = "write-run-status";
    /** Sink. */
    public static final String WRITE_DEAD_LETTERS = "write-dead-letters";

    private Nodes() {}
}
