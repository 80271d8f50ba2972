package dev.gradwatch.recorded.mlflow;

import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.names.AmbiguousLossException;
import dev.gradwatch.recorded.names.NameTable;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.scalars.ScalarStream;
import dev.gradwatch.recorded.scalars.ScalarStreamEntries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** MLflow's metric files: one file a metric below {@code mlruns/EXPERIMENT/RUN/metrics}, one line a value: milliseconds, value, step. */
public final class MetricFileFormat implements LogFormat {

    static final String METRICS = "metrics";

    private static final Pattern LINE = Pattern.compile("\\d{10,13} \\S{1,40}(?: \\d{1,18})?(?:\\s[\\s\\S]*)?");
    private static final int DEEPEST = 8;

    @Override
    public String name() {
        return "MLflow metric file";
    }

    @Override
    public boolean isNamed(Path file) {
        return LogFile.lowerName(file).indexOf('.') < 0
                || !metricsFolder(file.toAbsolutePath()).equals(file.toAbsolutePath());
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        return LINE.matcher(opening).matches();
    }

    @Override
    public boolean isGenericName(Path file) {
        return true;
    }

    @Override
    public boolean hasSeveralFiles() {
        return true;
    }

    @Override
    public Path runFolder(Path folder, Path root) {
        for (Path above = folder; above != null && above.startsWith(root); above = above.getParent()) {
            if (above.getFileName() != null && above.getFileName().toString().equals(METRICS) && !above.equals(root)) {
                return above.getParent();
            }
        }
        return folder;
    }

    @Override
    public List<Path> filesIn(Path runFolder) throws IOException {
        Path metrics = runFolder.resolve(METRICS);
        boolean below = Files.isDirectory(metrics);
        try (Stream<Path> files = Files.walk(below ? metrics : runFolder, below ? DEEPEST : 1)) {
            return files.filter(file -> Files.isRegularFile(file) && isNamed(file) && isMetric(file))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        Set<String> names = new LinkedHashSet<>();
        files.forEach(file -> names.add(MetricStream.metric(file.file())));
        boolean growing = false;
        boolean stepwise = false;
        List<ScalarStream> streams = new ArrayList<>();
        try {
            NameTable table = options.names().with(names, Part.UNSAID);
            for (LogFile file : files) {
                growing |= file.growing();
                stepwise |= file.from().stepwise();
                streams.add(new MetricStream(file, table));
            }
            return new ScalarStreamEntries(streams, growing, stepwise, names);
        } catch (AmbiguousLossException e) {
            close(files);
            RecordedRunException told = new RecordedRunException(files.get(0).file(), 0, e.getMessage(), null);
            told.initCause(e);
            throw told;
        } catch (IOException | RuntimeException e) {
            close(files);
            throw e;
        }
    }

    private static void close(List<LogFile> files) throws IOException {
        for (LogFile file : files) {
            file.content().close();
        }
    }

    /** The folder called {@code metrics} that a file lies below, or the file itself. */
    static Path metricsFolder(Path file) {
        for (Path above = file.getParent(); above != null; above = above.getParent()) {
            if (above.getFileName() != null && above.getFileName().toString().equals(METRICS)) {
                return above;
            }
        }
        return file;
    }

    private static boolean isMetric(Path file) {
        try {
            return LINE.matcher(LogFile.opening(file)).matches();
        } catch (IOException e) {
            // It went away, or may not be read: then it is none of the run's.
            return false;
        }
    }
}
