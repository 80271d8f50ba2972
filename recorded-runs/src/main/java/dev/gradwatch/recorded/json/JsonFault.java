package dev.gradwatch.recorded.json;

import com.fasterxml.jackson.core.JsonProcessingException;

/** Says in plain words where a text is no JSON; the parser's own words are about the parser. */
public final class JsonFault {

    private JsonFault() {}

    /** Such as {@code not valid JSON at column 12}. */
    public static String inLine(JsonProcessingException fault) {
        int column = fault.getLocation() == null ? 0 : fault.getLocation().getColumnNr();
        return "not valid JSON" + (column > 0 ? " at column " + column : "");
    }
}
