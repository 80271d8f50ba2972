package dev.gradwatch.app.engine;

import java.util.List;

/** The topics are not as the engine needs them; the message says every problem and what to do. */
public final class TopicCheckException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TopicCheckException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
