package dev.gradwatch.recorded.follow;

import dev.gradwatch.recorded.FoundRun;

/** Hears what happens while logs are followed. */
public interface FollowListener {

    /** The first events of a run were published, or the first ones since this process began. */
    void began(FoundRun found, TailPosition kept, boolean goesOn);

    /** The run said that it ended, or was declared to have. */
    void ended(FoundRun found, TailPosition kept);

    /** Something could not be read, or is not as it should be. */
    void trouble(String message);
}
