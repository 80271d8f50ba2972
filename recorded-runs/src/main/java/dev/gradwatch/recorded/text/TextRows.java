package dev.gradwatch.recorded.text;

import dev.gradwatch.recorded.log.LineReader;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Quantity;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.rows.Row;
import dev.gradwatch.recorded.rows.RowReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rows of a text log. A line with a place and numbers is a row. A line with a place alone, such as {@code Epoch 3/10}, is the place of
 * the lines that follow it without one.
 */
final class TextRows implements RowReader {

    /** So many lines a place holds for: a block of numbers, or the lines of a progress bar. */
    private static final int PLACE_HOLDS = 200;

    private static final String BETWEEN_PLACES = "\u001d";
    private static final Pattern GROUP = Pattern.compile("\\(\\?<([A-Za-z][A-Za-z0-9]*)>");

    private final LineReader lines;
    private final NameTable names;
    private final List<Pattern> patterns;
    private final List<List<String>> groups = new ArrayList<>();
    private final TextLine line;
    private Map<String, Double> place = Map.of();
    private long placeLine;
    private Part phase = Part.UNSAID;

    TextRows(InputStream content, LogPosition from, boolean growing, ReadOptions options) throws IOException {
        this.lines = new LineReader(content, growing);
        lines.skipTo(from);
        this.names = options.names();
        this.patterns = options.patterns();
        this.line = new TextLine(names);
        recall(from);
        for (Pattern pattern : patterns) {
            List<String> found = new ArrayList<>();
            Matcher group = GROUP.matcher(pattern.pattern());
            while (group.find()) {
                found.add(group.group(1));
            }
            groups.add(found);
        }
    }

    @Override
    public Row next() throws IOException, MalformedLogException {
        while (lines.next()) {
            Row row = patterns.isEmpty() ? row(lines.text()) : matched(lines.text());
            if (row != null) {
                return row.where() == Part.UNSAID ? new Row(row.numbers(), phase) : row;
            }
        }
        return null;
    }

    @Override
    public LogPosition position() {
        LogPosition mark = lines.mark();
        StringBuilder kept = new StringBuilder(phase == Part.UNSAID ? "" : phase.name());
        place.forEach((name, value) ->
                kept.append(BETWEEN_PLACES).append(name).append('=').append(value));
        return new LogPosition(mark.offset(), mark.line(), false, kept.isEmpty() ? null : kept.toString());
    }

    private void recall(LogPosition from) {
        if (from.memory() == null) {
            return;
        }
        String[] kept = from.memory().split(BETWEEN_PLACES, -1);
        phase = kept[0].isEmpty() ? Part.UNSAID : Part.valueOf(kept[0]);
        Map<String, Double> before = new LinkedHashMap<>();
        for (int i = 1; i < kept.length; i++) {
            int equals = kept[i].lastIndexOf('=');
            before.put(kept[i].substring(0, equals), Double.parseDouble(kept[i].substring(equals + 1)));
        }
        place = before;
        placeLine = from.line();
    }

    @Override
    public long line() {
        return lines.number();
    }

    @Override
    public Plan plan() {
        return new Plan(line.plannedSteps(), line.plannedEpochs());
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private Row row(String text) {
        Row read = line.read(text);
        Map<String, Double> at = new LinkedHashMap<>();
        boolean tells = false;
        for (Map.Entry<String, Double> number : read.numbers().entrySet()) {
            Scalar scalar = names.read(number.getKey(), read.where());
            switch (scalar.quantity()) {
                case STEP, EPOCH -> {
                    if (!Double.isFinite(number.getValue())) {
                        return null;
                    }
                    at.put(number.getKey(), number.getValue());
                }
                case LOSS, NAMED_LOSS, PART_OF_LOSS, ACCURACY, GRADIENT_NORM -> tells = true;
                default -> {}
            }
        }
        if (!tells) {
            Part begun = TextLine.phaseBegun(text);
            phase = begun == null ? phase : begun;
            if (!at.isEmpty()) {
                place = at;
                placeLine = lines.number();
            }
            return null;
        }
        boolean holds = !place.isEmpty() && lines.number() - placeLine <= PLACE_HOLDS;
        if (at.isEmpty() && !holds) {
            return null;
        }
        if (!holds) {
            place = at;
            placeLine = lines.number();
            return read;
        }
        Map<String, Double> numbers = new LinkedHashMap<>(read.numbers());
        if (at.isEmpty()) {
            numbers.putAll(place);
        } else if (at.keySet().stream().noneMatch(name -> is(name, Quantity.EPOCH))) {
            // Of a step within an epoch, whose number stood above it.
            place.forEach((name, value) -> {
                if (is(name, Quantity.EPOCH)) {
                    numbers.put(name, value);
                }
            });
            placeLine = lines.number();
        } else {
            place = at;
            placeLine = lines.number();
        }
        return new Row(numbers, read.where());
    }

    private boolean is(String name, Quantity quantity) {
        return names.read(name, Part.UNSAID).quantity() == quantity;
    }

    private Row matched(String text) {
        for (int i = 0; i < patterns.size(); i++) {
            Matcher matcher = patterns.get(i).matcher(text);
            if (!matcher.find()) {
                continue;
            }
            Map<String, Double> numbers = new LinkedHashMap<>();
            for (String group : groups.get(i)) {
                String value = matcher.group(group);
                try {
                    if (value != null) {
                        numbers.put(group, TextLine.number(value.strip()));
                    }
                } catch (NumberFormatException e) {
                    // The pattern takes in more than a number here.
                }
            }
            return new Row(numbers, Part.UNSAID);
        }
        return null;
    }
}
