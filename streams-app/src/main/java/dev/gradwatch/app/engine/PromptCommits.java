package dev.gradwatch.app.engine;

/** Asks for a commit when an alert waits for one, but not more often than an interval. Owned by one task's thread. */
final class PromptCommits {

    private final Runnable commit;
    private final long intervalMillis;
    private long lastMillis;
    private boolean wanted;

    PromptCommits(Runnable commit, long intervalMillis) {
        this.commit = commit;
        this.intervalMillis = intervalMillis;
    }

    void want(long now) {
        wanted = true;
        maybeCommit(now);
    }

    /** Called from time to time, for the commit that came too early when it was wanted. */
    void maybeCommit(long now) {
        boolean clockWentBack = now < lastMillis;
        if (wanted && (clockWentBack || now - lastMillis >= intervalMillis)) {
            wanted = false;
            lastMillis = now;
            commit.run();
        }
    }
}
