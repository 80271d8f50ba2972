package dev.gradwatch.recorded.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.gradwatch.recorded.log.MalformedLogException;
import java.io.IOException;
import java.util.Locale;

/** Single values with their bounds, which are those of the Avro schema: {@code null} is absent, NaN and infinity are data. */
public final class JsonValues {

    private JsonValues() {}

    public static Double number(JsonParser parser, String field) throws IOException, MalformedLogException {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_STRING -> nonFinite(parser.getText(), field);
            default -> throw new MalformedLogException(field + " must be a number", shown(parser));
        };
    }

    public static Double notNegative(JsonParser parser, String field) throws IOException, MalformedLogException {
        Double value = number(parser, field);
        if (value != null && value < 0) {
            throw new MalformedLogException(field + " must not be negative", value.toString());
        }
        return value;
    }

    public static Double share(JsonParser parser, String field) throws IOException, MalformedLogException {
        Double value = notNegative(parser, field);
        if (value != null && value > 1) {
            throw new MalformedLogException(field + " must be 0 to 1", value.toString());
        }
        return value;
    }

    /** A share or a percentage, with room for what single precision makes of 100. */
    public static Double accuracy(JsonParser parser, String field) throws IOException, MalformedLogException {
        Double value = notNegative(parser, field);
        if (value != null && value > 100.1) {
            throw new MalformedLogException(field + " must be 0 to 1 or in percent", value.toString());
        }
        return value;
    }

    /** A place on the time line of the run. */
    public static Double position(JsonParser parser, String field) throws IOException, MalformedLogException {
        Double value = notNegative(parser, field);
        if (value != null && !Double.isFinite(value)) {
            throw new MalformedLogException(field + " must be finite", value.toString());
        }
        return value;
    }

    public static Long count(JsonParser parser, String field) throws IOException, MalformedLogException {
        Double value = number(parser, field);
        if (value == null) {
            return null;
        }
        if (value < 0 || value != Math.rint(value) || value > 1L << 53) {
            throw new MalformedLogException(field + " must be a whole number of 0 or more", parser.getText());
        }
        return value.longValue();
    }

    public static Integer atLeastOne(JsonParser parser, String field) throws IOException, MalformedLogException {
        Long value = count(parser, field);
        if (value != null && (value < 1 || value > Integer.MAX_VALUE)) {
            throw new MalformedLogException(field + " must be 1 or more", value.toString());
        }
        return value == null ? null : value.intValue();
    }

    public static String text(JsonParser parser, String field) throws IOException, MalformedLogException {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_STRING -> parser.getText();
            default -> throw new MalformedLogException(field + " must be text", shown(parser));
        };
    }

    public static void expect(JsonParser parser, JsonToken token, String reason)
            throws IOException, MalformedLogException {
        if (parser.currentToken() != token) {
            throw new MalformedLogException(reason, shown(parser));
        }
    }

    /** The three values that JSON numbers cannot say, in the spellings that logs use. */
    public static double nonFinite(String text, String field) throws MalformedLogException {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan" -> Double.NaN;
            case "infinity", "inf", "+infinity", "+inf" -> Double.POSITIVE_INFINITY;
            case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
            default ->
                throw new MalformedLogException(
                        field + " must be a number, or \"NaN\", \"Infinity\" or \"-Infinity\"", text);
        };
    }

    private static String shown(JsonParser parser) throws IOException {
        return parser.currentToken().isStructStart() ? parser.currentToken().asString() : parser.getText();
    }
}
