package dev.gradwatch.recorded.csv;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.gradwatch.recorded.log.MalformedLogException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts one line of a table into its cells. One line at a time, because a growing file is read by whole lines; a cell with a line break in it
 * is therefore an error.
 */
final class CsvLine {

    private static final CsvFactory CSV =
            CsvFactory.builder().enable(CsvParser.Feature.TRIM_SPACES).build();

    private CsvLine() {}

    static List<String> cells(String line, char separator) throws MalformedLogException {
        List<String> cells = new ArrayList<>();
        try (CsvParser parser = CSV.createParser(line)) {
            parser.setSchema(CsvSchema.emptySchema().withColumnSeparator(separator));
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    cells.add(parser.getText());
                }
            }
            return cells;
        } catch (JsonProcessingException e) {
            MalformedLogException named =
                    new MalformedLogException("a quotation mark is not closed on its line, or text follows it", line);
            named.initCause(e);
            throw named;
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot be read", e);
        }
    }
}
