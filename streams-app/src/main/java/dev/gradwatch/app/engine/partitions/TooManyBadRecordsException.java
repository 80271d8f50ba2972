package dev.gradwatch.app.engine.partitions;

/**
 * So many records cannot be used that skipping them would mean watching nobody: the service stops, with the offsets of the last commit. Its
 * message names share, limit and the latest bad record.
 */
public final class TooManyBadRecordsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TooManyBadRecordsException(String message) {
        super(message);
    }
}
