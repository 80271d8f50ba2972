package dev.gradwatch.cluster;

/** A broker or a registry could not start; the message says which, on which folder or file, and what to do about it. */
public final class ClusterStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ClusterStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
