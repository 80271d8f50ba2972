package dev.gradwatch.detection.state;

import dev.gradwatch.detection.alert.Alert;

/** An alert that is open: what was last said of it, and what decides what to say next. */
public final class OpenAlert {

    private Alert last;
    private long confirmations;
    private boolean conditionGone;

    OpenAlert(Alert last, long confirmations) {
        this.last = last;
        this.confirmations = confirmations;
    }

    /** Its latest revision. */
    public Alert last() {
        return last;
    }

    public void update(Alert next) {
        last = next;
    }

    /** How often its detector has seen it since it opened. */
    public long confirmations() {
        return confirmations;
    }

    public void confirm() {
        confirmations++;
        conditionGone = false;
    }

    /** Whether what its detector watches for is gone, while the alert stays open because the network is dead. */
    public boolean isConditionGone() {
        return conditionGone;
    }

    public void conditionGone() {
        conditionGone = true;
    }

    void restore(Alert stored, boolean gone) {
        last = stored;
        conditionGone = gone;
    }
}
