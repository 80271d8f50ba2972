package dev.gradwatch.recorded.names;

import java.util.List;

/** A log has several losses and none of them is the total: only its owner knows which one the run minimizes. */
public final class AmbiguousLossException extends Exception {

    private static final int SHOWN = 8;

    AmbiguousLossException(List<String> names) {
        super("several losses and no total: "
                + String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
                + "; say which one is the run's with --map 'loss=" + names.get(0) + "'");
    }
}
