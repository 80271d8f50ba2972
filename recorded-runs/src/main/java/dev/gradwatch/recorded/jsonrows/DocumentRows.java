package dev.gradwatch.recorded.jsonrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Quantity;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.rows.Row;
import dev.gradwatch.recorded.rows.RowEntries;
import dev.gradwatch.recorded.rows.RowReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rows of a whole document; read at once, since its lists stand side by side. */
final class DocumentRows implements RowReader {

    /** Far above any history of epochs, and small enough to hold in memory. */
    private static final int LARGEST = 64 << 20;

    private static final int DEEPEST = 3;
    private static final Pattern NUMBERED = Pattern.compile("\\D{0,20}(\\d{1,9})");

    private final InputStream content;
    private final NameTable names;
    private List<Row> rows;
    private int next;

    DocumentRows(InputStream content, NameTable names) {
        this.content = content;
        this.names = names;
    }

    @Override
    public Row next() throws IOException, MalformedLogException {
        if (rows == null) {
            rows = List.of();
            rows = read();
        }
        return next < rows.size() ? rows.get(next++) : null;
    }

    private List<Row> read() throws IOException, MalformedLogException {
        byte[] bytes = content.readNBytes(LARGEST + 1);
        if (bytes.length > LARGEST) {
            throw new MalformedLogException("the document is larger than " + (LARGEST >> 20) + " MiB", null);
        }
        try {
            JsonNode document = JsonNumbers.JSON.readTree(bytes);
            List<Row> found = document == null ? null : rows(document, 0);
            return found == null ? List.of() : found;
        } catch (JsonEOFException e) {
            MalformedLogException told = MalformedLogException.cutOff("the document ends too early", null);
            told.initCause(e);
            throw told;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            MalformedLogException told = new MalformedLogException("not valid JSON" + where, null);
            told.initCause(e);
            throw told;
        }
    }

    /** The first list of objects, object of lists or object of numbered objects that holds numbers of a training. */
    private List<Row> rows(JsonNode node, int depth) {
        List<Row> found = node.isArray() ? ofObjects(node) : node.isObject() ? ofObject(node) : null;
        if (found != null || depth >= DEEPEST || !node.isObject()) {
            return found;
        }
        for (JsonNode inside : node) {
            found = rows(inside, depth + 1);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private List<Row> ofObjects(JsonNode list) {
        List<Row> found = new ArrayList<>();
        for (JsonNode element : list) {
            if (element.isObject()) {
                found.add(JsonNumbers.row(element));
            }
        }
        return tells(found) ? found : null;
    }

    private List<Row> ofObject(JsonNode object) {
        int length = 0;
        List<Row> numbered = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            JsonNode value = field.getValue();
            Matcher number = NUMBERED.matcher(field.getKey());
            if (value.isArray() && !value.isEmpty() && value.get(0).isNumber()) {
                length = Math.max(length, value.size());
            } else if (value.isObject() && number.matches()) {
                Map<String, Double> numbers =
                        new LinkedHashMap<>(JsonNumbers.row(value).numbers());
                if (numbers.keySet().stream().noneMatch(this::isPlace)) {
                    numbers.put("epoch", Double.parseDouble(number.group(1)));
                }
                numbered.add(new Row(numbers, Part.UNSAID));
            }
        }
        List<Row> columns = columns(object, length);
        if (tells(columns)) {
            return columns;
        }
        if (tells(numbered)) {
            return numbered;
        }
        Row only = JsonNumbers.row(object);
        boolean placed = only.numbers().keySet().stream().anyMatch(this::isPlace);
        return placed && length == 0 && tells(List.of(only)) ? List.of(only) : null;
    }

    private List<Row> columns(JsonNode object, int length) {
        List<Row> found = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            Map<String, Double> numbers = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                JsonNode value = field.getValue().path(i);
                if (field.getValue().isArray() && value.isNumber()) {
                    numbers.put(field.getKey(), value.doubleValue());
                }
            }
            if (numbers.keySet().stream().noneMatch(this::isPlace)) {
                numbers.put("epoch", (double) i);
            }
            found.add(new Row(numbers, Part.UNSAID));
        }
        return found;
    }

    private boolean isPlace(String name) {
        Quantity quantity = names.read(name, Part.UNSAID).quantity();
        return quantity == Quantity.STEP || quantity == Quantity.EPOCH;
    }

    private boolean tells(List<Row> found) {
        return found.stream().anyMatch(row -> RowEntries.tells(row, names));
    }

    @Override
    public LogPosition position() {
        return LogPosition.START;
    }

    @Override
    public long line() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
