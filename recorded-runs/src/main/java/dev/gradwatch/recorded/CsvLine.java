package dev.gradwatch.recorded;

import java.util.ArrayList;
import java.util.List;

/** Cuts one line of a table into its cells; cells may stand in quotation marks, with a doubled mark for one inside. */
final class CsvLine {

    private CsvLine() {}

    static List<String> cells(String line, char separator) throws MalformedLineException {
        List<String> cells = new ArrayList<>();
        int at = 0;
        while (true) {
            int begin = at;
            while (begin < line.length() && line.charAt(begin) == ' ') {
                begin++;
            }
            int end;
            if (begin < line.length() && line.charAt(begin) == '"') {
                StringBuilder text = new StringBuilder();
                end = quoted(line, begin + 1, text);
                cells.add(text.toString().strip());
                end = line.indexOf(separator, end);
            } else {
                end = line.indexOf(separator, at);
                cells.add(line.substring(at, end < 0 ? line.length() : end).strip());
            }
            if (end < 0) {
                return cells;
            }
            at = end + 1;
        }
    }

    /** Reads up to the closing mark; returns the place behind it. */
    private static int quoted(String line, int from, StringBuilder into) throws MalformedLineException {
        for (int i = from; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c != '"') {
                into.append(c);
            } else if (i + 1 < line.length() && line.charAt(i + 1) == '"') {
                into.append(c);
                i++;
            } else {
                return i + 1;
            }
        }
        throw new MalformedLineException("a quotation mark is not closed on its line", line);
    }
}
