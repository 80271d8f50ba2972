package dev.gradwatch.app.engine;

import java.nio.file.Path;

/** The state folder cannot be used; the message says why and what to do. */
public final class StateFolderException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StateFolderException(Path folder, String problem) {
        super("streams.state-dir = " + folder + ": " + problem
                + ". Name a folder that is the service's own: an empty one, or one that does not exist yet.");
    }
}
