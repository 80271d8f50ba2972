package dev.gradwatch.app.engine;

import dev.gradwatch.wire.DeadLetterCause;

/** A record could not be applied to its run; the run is as it was before. */
final class StepFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final DeadLetterCause deadLetterCause;

    StepFailedException(DeadLetterCause deadLetterCause, String message, Throwable cause) {
        super(message, cause);
        this.deadLetterCause = deadLetterCause;
    }

    DeadLetterCause deadLetterCause() {
        return deadLetterCause;
    }
}
