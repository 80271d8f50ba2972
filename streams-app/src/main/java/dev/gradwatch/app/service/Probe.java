package dev.gradwatch.app.service;

import dev.gradwatch.app.service.http.Health;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Asks a neighbour again and again and remembers the last answer, so that a health request costs nothing and never hangs. Thread-safe.
 */
final class Probe implements Runnable {

    /** An answer that is older says that the asking itself hangs. */
    private static final Duration STALE_AFTER = Duration.ofSeconds(20);

    private record Answer(boolean up, String detail, long nanos) {}

    private final String name;
    private final Supplier<String> question;
    private final AtomicReference<Answer> last;

    /** A probe that was never answered; {@code question} returns how it is, or throws why not. */
    Probe(String name, Supplier<String> question) {
        this.name = name;
        this.question = question;
        this.last = new AtomicReference<>(new Answer(false, "not asked yet", System.nanoTime()));
    }

    @Override
    public void run() {
        try {
            set(true, question.get());
        } catch (RuntimeException e) {
            set(false, e.getMessage());
        }
    }

    Health.Check check() {
        Answer answer = last.get();
        Duration age = Duration.ofNanos(System.nanoTime() - answer.nanos());
        if (answer.up() && age.compareTo(STALE_AFTER) > 0) {
            return new Health.Check(name, false, "no answer for " + age.toSeconds() + " s");
        }
        return new Health.Check(name, answer.up(), answer.detail());
    }

    private void set(boolean up, String detail) {
        last.set(new Answer(up, detail, System.nanoTime()));
    }
}
