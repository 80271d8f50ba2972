package dev.gradwatch.app.service.logging;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.charset.StandardCharsets;

/** One JSON object a line: see {@link LogText}. */
public final class SafeJsonEncoder extends JsonEncoder {

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = new String(super.encode(event), StandardCharsets.UTF_8);
        return LogText.of(getContext()).shown(line).getBytes(StandardCharsets.UTF_8);
    }
}
