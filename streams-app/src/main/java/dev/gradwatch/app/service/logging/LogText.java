package dev.gradwatch.app.service.logging;

import ch.qos.logback.core.Context;
import dev.gradwatch.detection.text.Sanitizer;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Makes the text of a log message fit to be written: without the secrets of the configuration, without what a terminal would obey. */
final class LogText {

    /** Under which name the logging's context holds the one of this process. */
    static final String KEY = "gradwatch.log-text";

    private static final String HIDDEN = "********";
    private static final LogText WITHOUT_SECRETS = new LogText(Set.of());

    private final List<String> secrets;

    LogText(Collection<String> secrets) {
        // The longest first: one secret may be a part of another.
        this.secrets = secrets.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    static LogText of(Context context) {
        return context != null && context.getObject(KEY) instanceof LogText text ? text : WITHOUT_SECRETS;
    }

    /** Several lines stay several lines. */
    String shown(String text) {
        return Sanitizer.escapeLines(masked(text));
    }

    private String masked(String text) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, HIDDEN);
        }
        return masked;
    }
}
