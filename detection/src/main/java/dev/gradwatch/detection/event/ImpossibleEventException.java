package dev.gradwatch.detection.event;

/** An event of which nothing can be used: a value that it cannot do without is impossible. Has no stack trace, because it speaks of input. */
public final class ImpossibleEventException extends Exception {

    private static final long serialVersionUID = 1L;

    public ImpossibleEventException(String message) {
        super(message, null, false, false);
    }

    static ImpossibleEventException of(String field, Object value, Object allowed) {
        return new ImpossibleEventException(field + " is " + value + "; it must be " + allowed);
    }
}
