package dev.gradwatch.recorded.mlflow;

import dev.gradwatch.recorded.log.LineReader;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Scalar;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.scalars.ScalarEvent;
import dev.gradwatch.recorded.scalars.ScalarStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The values of one metric. */
final class MetricStream implements ScalarStream {

    private static final double MILLIS = 1000;

    private final Path path;
    private final String metric;
    private final NameTable table;
    private final LineReader lines;
    private ScalarEvent head;
    private long headBegin;
    private double firstTime = Double.NaN;
    private RecordedRunException fault;
    private long counted;

    MetricStream(LogFile file, NameTable table) throws IOException {
        this.path = file.file();
        this.metric = metric(path);
        this.table = table;
        this.lines = new LineReader(file.content(), file.growing());
        lines.skipTo(file.from());
        counted = file.from().line();
        advance();
    }

    /** The metric's name: the path below {@code metrics}. */
    static String metric(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = MetricFileFormat.metricsFolder(absolute);
        return folder.equals(absolute)
                ? String.valueOf(absolute.getFileName())
                : folder.relativize(absolute).toString().replace('\\', '/');
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public ScalarEvent head() {
        return head;
    }

    @Override
    public long headBegin() {
        return head == null ? lines.mark().offset() : headBegin;
    }

    @Override
    public double firstTime() {
        return firstTime;
    }

    @Override
    public RecordedRunException fault() {
        return fault;
    }

    @Override
    public Scalar understood(String tag) {
        return table.read(tag, Part.UNSAID);
    }

    @Override
    public void advance() throws IOException {
        head = null;
        headBegin = lines.mark().offset();
        try {
            if (fault == null && lines.next()) {
                head = event(lines.text());
                firstTime = Double.isNaN(firstTime) ? head.wallTime() : firstTime;
            }
        } catch (MalformedLogException e) {
            fault = new RecordedRunException(path, lines.number(), e.getMessage(), e.value());
            fault.initCause(e);
        }
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private ScalarEvent event(String line) throws MalformedLogException {
        String[] parts = line.trim().split(" ", -1);
        try {
            double millis = Long.parseLong(parts[0]);
            double value = number(parts[1]);
            long step = parts.length > 2 ? Long.parseLong(parts[2]) : counted;
            counted++;
            return new ScalarEvent(millis / MILLIS, step, List.of(new ScalarEvent.Value(metric, value)));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            MalformedLogException told =
                    new MalformedLogException("a line holds milliseconds, a value and a step", line);
            told.initCause(e);
            throw told;
        }
    }

    private static double number(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan" -> Double.NaN;
            case "inf", "infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }
}
