package dev.gradwatch.commands.options;

import dev.gradwatch.app.service.config.DurationText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/** Times as people read and write them: ISO 8601 in the zone of this computer, to the second. */
public final class TimeText {

    private TimeText() {}

    /** Such as {@code 2026-03-01T14:05:09+01:00}. */
    public static String of(Instant time) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                time.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneId.systemDefault()));
    }

    /**
     * The time that a text says: an ISO time, with or without its offset, a date, or how long ago ({@code 90m}, {@code 2h}, {@code 7d}).
     *
     * @throws IllegalArgumentException when it says none
     */
    public static Instant parse(String text, Instant now) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            // Not with an offset, then.
        }
        try {
            return LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException e) {
            // Not without one either.
        }
        try {
            return LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException e) {
            // Nor a date.
        }
        try {
            return now.minus(DurationText.parse(text));
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no time: expected how long ago, such as 2h or 7d, a date such as 2026-03-01,"
                            + " or a time such as 2026-03-01T14:05",
                    e);
        }
    }
}
