package dev.gradwatch.app.service.brokers;

import java.util.function.Consumer;

/** Says once that somebody waits and why, and once that it goes on. One thread. */
final class Outage {

    private final String who;
    private final Consumer<String> say;
    private boolean waiting;

    Outage(String who, Consumer<String> say) {
        this.who = who;
        this.say = say;
    }

    void waiting(String reason) {
        if (!waiting) {
            waiting = true;
            say.accept(who + ": waiting, " + reason);
        }
    }

    void over() {
        if (waiting) {
            waiting = false;
            say.accept(who + ": going on");
        }
    }
}
