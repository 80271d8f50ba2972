package dev.gradwatch.recorded.wandb;

import dev.gradwatch.recorded.log.LogEntries;
import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import dev.gradwatch.recorded.log.RecordedRunException;
import dev.gradwatch.recorded.rows.RowEntries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Weights and Biases' own file of a run, {@code run-ID.wandb}, which is written whether the run is online or not. */
public final class WandbFormat implements LogFormat {

    @Override
    public String name() {
        return "W&B run file (.wandb)";
    }

    @Override
    public boolean isNamed(Path file) {
        return LogFile.lowerName(file).endsWith(".wandb");
    }

    @Override
    public boolean recognises(Path file, String opening, ReadOptions options) {
        return opening.startsWith(WandbRecordReader.IDENT);
    }

    @Override
    public boolean isGenericName(Path file) {
        return true;
    }

    @Override
    public LogEntries open(List<LogFile> files, ReadOptions options) throws IOException, RecordedRunException {
        LogFile file = LogFile.only(files);
        return RowEntries.open(file, options.names(), (content, from) -> new WandbRows(content, from, file.growing()));
    }
}
