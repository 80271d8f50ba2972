package dev.gradwatch.recorded.follow;

import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.recorded.FoundRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.RunTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Looks at logs again and again and publishes what is new. How far it came is kept only after delivery was acknowledged: a process that is
 * killed may repeat events, which the service ignores, and never loses one. One thread.
 */
public final class Follower {

    /** Looking for new files may take this share of the time at most. */
    private static final int SCAN_SHARE = 10;

    private static final long SAVE_SHARE = 20;

    private static final RunFinished WRITER_ENDED =
            new RunFinished(RunFinished.Outcome.UNKNOWN, "the process that wrote its log has ended");

    private final FollowOptions options;
    private final EventOutlet outlet;
    private final FollowState state;
    private final FollowListener listener;
    private final Clock clock;
    private final Map<Path, RunTree> trees = new LinkedHashMap<>();
    private final Map<String, Followed> runs = new LinkedHashMap<>();
    private final Map<String, String> placeOfId = new HashMap<>();
    private final Set<String> told = new HashSet<>();
    private long nextScanNanos = System.nanoTime();
    private long nextSaveNanos = System.nanoTime();
    private long published;
    private volatile boolean stopping;

    /** A run, and since when nothing came. */
    private static final class Followed {
        private final LogTail run;
        private final boolean known;
        private final LogWriter writer = new LogWriter();
        private long quietSinceNanos = System.nanoTime();
        private boolean told;
        private boolean settled;
        private boolean gone;

        Followed(LogTail run) {
            this.run = run;
            this.known = run.kept().isStarted();
        }
    }

    public Follower(
            FollowOptions options, EventOutlet outlet, FollowState state, FollowListener listener, Clock clock) {
        this.options = options;
        this.outlet = outlet;
        this.state = state;
        this.listener = listener;
        this.clock = clock;
        for (Path root : options.roots()) {
            trees.put(root, new RunTree(root, options.wanted().and(file -> !isPacked(file)), options.reading()));
        }
    }

    /** Follows until it is told to stop or, where asked for, everything was read. What was delivered is kept, whatever ends it. */
    public void run() throws IOException, InterruptedException {
        try {
            while (!stopping) {
                boolean busy = turn();
                if (!busy && options.once() && isAllRead()) {
                    return;
                }
                if (!busy && !stopping) {
                    TimeUnit.NANOSECONDS.sleep(options.interval().toNanos());
                }
            }
        } finally {
            state.save(clock.millis());
        }
    }

    /** Lets the current turn come to its end, delivery included; from any thread. */
    public void stop() {
        stopping = true;
    }

    /** Events that this process has published. */
    public long published() {
        return published;
    }

    /** Runs of which this process has published something. */
    public long runsPublished() {
        return runs.values().stream().filter(followed -> followed.told).count();
    }

    /** One look at everything; whether there is more to read at once. */
    private boolean turn() throws IOException, InterruptedException {
        scan();
        boolean busy = false;
        Map<String, TailPosition> read = new LinkedHashMap<>();
        for (Map.Entry<String, Followed> entry : runs.entrySet()) {
            Followed followed = entry.getValue();
            if (followed.gone || stopping) {
                continue;
            }
            TailPosition before = followed.run.kept();
            long count = look(followed);
            if (!followed.run.kept().equals(before)) {
                read.put(entry.getKey(), followed.run.kept());
                tell(followed, before, count);
            }
            busy |= followed.run.hasMore();
        }
        if (!read.isEmpty()) {
            outlet.awaitDelivered();
            long now = clock.millis();
            read.forEach((key, run) -> state.put(key, run, now));
            save(now);
        }
        return busy;
    }

    private long look(Followed followed) throws InterruptedException {
        long now = System.nanoTime();
        if (followed.run.look()) {
            followed.quietSinceNanos = now;
            followed.writer.search(followed.run.found().files());
        }
        boolean settle = options.once()
                || now - followed.quietSinceNanos >= options.settleAfter().toNanos();
        long count = followed.run.read(settle, outlet::publish);
        followed.settled = settle;
        long modified = followed.run.modifiedMillis();
        if (options.finishedAfter() != null
                && modified > 0
                && clock.millis() - modified > options.finishedAfter().toMillis()
                && followed.run.finish(
                        new RunFinished(
                                RunFinished.Outcome.UNKNOWN,
                                "its log did not change for "
                                        + options.finishedAfter().toSeconds() + " s"),
                        outlet::publish)) {
            count++;
        }
        if (settle && followed.writer.hasEnded() && followed.run.finish(WRITER_ENDED, outlet::publish)) {
            count++;
        }
        published += count;
        return count;
    }

    private void tell(Followed followed, TailPosition before, long count) {
        TailPosition kept = followed.run.kept();
        if (count > 0 && !followed.told) {
            followed.told = true;
            listener.began(followed.run.found(), kept, followed.known);
            String key = followed.run.found().place().toString();
            String other = placeOfId.putIfAbsent(kept.runId(), key);
            if (other != null) {
                listener.trouble(key + ": says that it is run " + kept.runId() + ", and so does " + other);
            }
        }
        if (kept.finished() && !before.finished()) {
            listener.ended(followed.run.found(), kept);
        }
    }

    private void scan() throws IOException {
        long begun = System.nanoTime();
        if (begun < nextScanNanos && !options.once()) {
            return;
        }
        Set<String> there = new HashSet<>();
        for (Map.Entry<Path, RunTree> tree : trees.entrySet()) {
            List<FoundRun> found = tree.getValue().find();
            if (found.isEmpty() && !Files.exists(tree.getKey()) && told.add("missing " + tree.getKey())) {
                listener.trouble(tree.getKey() + ": not there (yet)");
            } else if (found.isEmpty() && Files.isDirectory(tree.getKey()) && told.add("nothing in " + tree.getKey())) {
                listener.trouble(tree.getKey() + ": " + RecordedRuns.nothingIn(tree.getKey()));
            }
            for (FoundRun run : found) {
                String key = tree.getKey().toAbsolutePath().normalize() + "\n" + run.id();
                there.add(key);
                take(key, run);
            }
        }
        runs.forEach((key, followed) -> followed.gone = !there.contains(key));
        nextScanNanos = begun + (System.nanoTime() - begun) * SCAN_SHARE;
    }

    private void take(String key, FoundRun found) {
        Followed known = runs.get(key);
        if (known != null) {
            known.run.found(new FoundRun(options.idPrefix() + found.id(), found.place(), found.files()));
            return;
        }
        TailPosition kept = state.get(key);
        if (!kept.isStarted() && isOld(found)) {
            return;
        }
        FoundRun named = new FoundRun(options.idPrefix() + found.id(), found.place(), found.files());
        runs.put(
                key,
                new Followed(new LogTail(
                        named,
                        kept,
                        options.reading(),
                        registration -> options.completed().apply(found.place(), registration),
                        clock::millis,
                        problem -> listener.trouble(problem.getMessage()))));
    }

    /** Nobody appends to those; they are what others make of logs that are complete. */
    private static boolean isPacked(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".gz");
    }

    private boolean isOld(FoundRun found) {
        if (options.ignoreOlder() == null) {
            return false;
        }
        long newest = 0;
        for (Path file : found.files()) {
            try {
                newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
            } catch (IOException e) {
                // Gone since it was found.
            }
        }
        return newest < clock.millis() - options.ignoreOlder().toMillis();
    }

    private boolean isAllRead() {
        List<Followed> open = new ArrayList<>(runs.values());
        return open.stream().allMatch(followed -> followed.gone || (followed.settled && !followed.run.isDoubtful()));
    }

    private void save(long now) throws IOException {
        long begun = System.nanoTime();
        if (begun >= nextSaveNanos) {
            state.save(now);
            nextSaveNanos = begun + (System.nanoTime() - begun) * SAVE_SHARE;
        }
    }
}
