package dev.gradwatch.recorded;

import dev.gradwatch.recorded.csv.CsvFormat;
import dev.gradwatch.recorded.huggingface.TrainerStateFormat;
import dev.gradwatch.recorded.jsonl.JsonLinesFormat;
import dev.gradwatch.recorded.jsonrows.JsonDocumentFormat;
import dev.gradwatch.recorded.jsonrows.JsonRowsFormat;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.mlflow.MetricFileFormat;
import dev.gradwatch.recorded.tensorboard.EventFileFormat;
import dev.gradwatch.recorded.text.TextFormat;
import dev.gradwatch.recorded.wandb.WandbFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The known formats, and how a file's is found. */
public final class Formats {

    /** The first that recognises a file reads it. */
    private static final List<LogFormat> ALL = List.of(
            new EventFileFormat(),
            new WandbFormat(),
            new TrainerStateFormat(),
            new JsonLinesFormat(),
            new JsonRowsFormat(),
            new JsonDocumentFormat(),
            new MetricFileFormat(),
            new CsvFormat(),
            new TextFormat());

    private Formats() {}

    /** The format of a file, or {@code null} when none fits. */
    public static LogFormat of(Path file, ReadOptions options) throws IOException {
        return of(file, LogFile.opening(file), options);
    }

    /**
     * The format of a file, or {@code null} when none fits.
     *
     * @param opening the first characters of its content
     */
    static LogFormat of(Path file, String opening, ReadOptions options) {
        Path plain = LogFile.plain(file);
        return ALL.stream()
                .filter(format -> format.recognises(plain, opening, options))
                .findFirst()
                .orElse(null);
    }

    /** Why a file that may look like a log is none; {@code null} when it does not look like one. */
    static String missing(Path file, String opening) {
        Path plain = LogFile.plain(file);
        return ALL.stream()
                .map(format -> format.missing(plain, opening))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Whether files of this name are looked for in folders. */
    static boolean isNamed(Path file) {
        Path plain = LogFile.plain(file);
        return ALL.stream().anyMatch(format -> format.isNamed(plain));
    }

    /** Whether files of this name say nothing of their run. */
    static boolean isGenericName(Path file) {
        Path plain = LogFile.plain(file);
        return ALL.stream().anyMatch(format -> format.isNamed(plain) && format.isGenericName(plain));
    }

    /** All, the one that is written most promptly first: files only appended to before those that are rewritten now and then. */
    static List<LogFormat> byPromptness() {
        return ALL.stream()
                .sorted(Comparator.comparing((LogFormat format) -> !format.hasSeveralFiles())
                        .thenComparing(LogFormat::isRewritten))
                .toList();
    }

    static String names() {
        return ALL.stream().map(LogFormat::name).collect(Collectors.joining(", "));
    }

    /** Of those whose runs are folders. */
    static String namesOfSeveral() {
        return ALL.stream()
                .filter(LogFormat::hasSeveralFiles)
                .map(LogFormat::name)
                .collect(Collectors.joining("s or "));
    }
}
