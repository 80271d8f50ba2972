package dev.gradwatch.app.service.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;

/** {@code %safe(...)} in a pattern of {@code logback.xml}: see {@link LogText}. */
public final class SafeTextConverter extends CompositeConverter<ILoggingEvent> {

    @Override
    protected String transform(ILoggingEvent event, String text) {
        return LogText.of(getContext()).shown(text.replace("\r", ""));
    }
}
