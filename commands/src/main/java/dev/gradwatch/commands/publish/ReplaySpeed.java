package dev.gradwatch.commands.publish;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How fast recorded time passes in a replay.
 *
 * @param factor recorded seconds in a second; infinite for as fast as possible
 */
record ReplaySpeed(double factor) {

    static final ReplaySpeed MAX = new ReplaySpeed(Double.POSITIVE_INFINITY);

    static ReplaySpeed parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT).trim();
        if (lower.equals("max")) {
            return MAX;
        }
        if (lower.equals("realtime")) {
            return new ReplaySpeed(1);
        }
        try {
            double factor = Double.parseDouble(lower.endsWith("x") ? lower.substring(0, lower.length() - 1) : lower);
            if (factor > 0 && Double.isFinite(factor)) {
                return new ReplaySpeed(factor);
            }
        } catch (NumberFormatException e) {
            // Said below, as for every other wrong text.
        }
        throw new IllegalArgumentException("'" + text + "' is no speed: write 10x, max or realtime");
    }

    /** Milliseconds of waiting for so many recorded ones. */
    double waitMillis(long recordedMillis) {
        return recordedMillis / factor;
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<ReplaySpeed> {
        @Override
        public ReplaySpeed convert(String value) {
            try {
                return parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
