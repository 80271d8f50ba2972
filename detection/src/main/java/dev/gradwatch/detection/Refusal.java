package dev.gradwatch.detection;

import dev.gradwatch.detection.event.EventLimits;
import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.Tick;
import dev.gradwatch.detection.state.RunState;

/**
 * Why a record may not change its run, although each of its values is possible: taken in, it would keep everything else of the run from
 * being heard.
 *
 * @param message what was found and what is allowed, for people
 */
public record Refusal(Kind kind, String message) {

    /** What is wrong. */
    public enum Kind {
        /** The attempt skips so many that every event of the real attempts would be stale. */
        ATTEMPT_TOO_FAR,
        /** The run was registered by somebody who gave a name, and this registration is not theirs. */
        OTHER_PUBLISHER
    }

    /** The refusal of a record, or {@code null}. */
    static Refusal of(RunState run, RunRecord record) {
        if (record.event() instanceof Tick) {
            return null;
        }
        int known = run.progress().events() == 0 ? 0 : run.progress().attempt();
        if ((long) record.attempt() - known > EventLimits.ATTEMPT_JUMP) {
            return new Refusal(
                    Kind.ATTEMPT_TOO_FAR,
                    "attempt is " + record.attempt() + " where the last one is " + known + "; at most "
                            + EventLimits.ATTEMPT_JUMP + " may be skipped");
        }
        if (record.event() instanceof RunStarted started && run.registration() != null) {
            String owner = run.registration().publisher();
            if (owner != null && !owner.equals(started.publisher())) {
                return new Refusal(
                        Kind.OTHER_PUBLISHER,
                        "the run was registered by another publisher than "
                                + (started.publisher() == null ? "this record, which names none" : "this record's")
                                + "; only the same one may register it anew");
            }
        }
        return null;
    }
}
