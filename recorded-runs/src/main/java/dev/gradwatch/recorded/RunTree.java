package dev.gradwatch.recorded;

import dev.gradwatch.recorded.log.LogFile;
import dev.gradwatch.recorded.log.LogFormat;
import dev.gradwatch.recorded.log.ReadOptions;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Finds the runs in a folder and in all below it. What belongs to one run is one run: the event files of a folder, the checkpoints of a
 * training. Where a training wrote several kinds of logs into one place, the one that is written most promptly is taken: event files, else
 * tables, else {@code trainer_state.json}. Hidden folders are left alone.
 *
 * <p>Searching again is cheap for what was seen before. Not thread-safe.
 */
public final class RunTree {

    private static final int DEEPEST = 32;

    private final Path root;
    private final Predicate<Path> wanted;
    private final ReadOptions options;
    private final Map<Path, Long> uselessAt = new HashMap<>();
    private final Map<Path, LogFormat> useful = new HashMap<>();

    /** As {@link #RunTree(Path, Predicate, ReadOptions)} with nothing said by the user. */
    public RunTree(Path root, Predicate<Path> wanted) {
        this(root, wanted, ReadOptions.DEFAULT);
    }

    /**
     * Searches nothing yet.
     *
     * @param root a folder, or one file
     * @param wanted which files to look at
     */
    public RunTree(Path root, Predicate<Path> wanted, ReadOptions options) {
        this.root = root;
        this.wanted = wanted;
        this.options = options;
    }

    /** The runs that are there now, by path. */
    public List<FoundRun> find() throws IOException {
        if (!Files.isDirectory(root)) {
            return Files.exists(root) ? List.of(new FoundRun(RecordedRuns.idOf(root), root, List.of(root))) : List.of();
        }
        Search search = new Search();
        Files.walkFileTree(root, Set.of(), DEEPEST, search);
        useful.keySet().retainAll(search.seen);
        uselessAt.keySet().retainAll(search.seen);
        return search.runs();
    }

    /** The format of a file that may be a log; {@code null} when it is none. */
    private LogFormat formatOf(Path file, long size) {
        LogFormat known = useful.get(file);
        if (known != null) {
            return known;
        }
        Long before = uselessAt.get(file);
        if (before != null && before == size) {
            return null;
        }
        LogFormat format = recognised(file);
        if (format == null) {
            uselessAt.put(file, size);
        } else {
            useful.put(file, format);
        }
        return format;
    }

    private LogFormat recognised(Path file) {
        try {
            return Formats.of(file, options);
        } catch (IOException e) {
            // Whoever is asked for this file by name says why; among others it is passed over.
            return null;
        }
    }

    private final class Search extends SimpleFileVisitor<Path> {

        /** Files of one format whose name says nothing of their run, by the folder of the run. */
        private final Map<LogFormat, Map<Path, List<Path>>> inFolders = new LinkedHashMap<>();

        private final Map<LogFormat, Map<Path, Path>> runFolders = new HashMap<>();
        private final Set<Path> named = new TreeSet<>();
        private final Set<Path> seen = new TreeSet<>();
        private final Map<String, FoundRun> runs = new LinkedHashMap<>();

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean hidden =
                    !folder.equals(root) && String.valueOf(folder.getFileName()).startsWith(".");
            return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!attributes.isRegularFile() || attributes.size() == 0 || !wanted.test(file) || !Formats.isNamed(file)) {
                return FileVisitResult.CONTINUE;
            }
            seen.add(file);
            LogFormat format = formatOf(file, attributes.size());
            if (format == null) {
                return FileVisitResult.CONTINUE;
            }
            if (format.isGenericName(LogFile.plain(file))) {
                Path folder = runFolders
                        .computeIfAbsent(format, same -> new HashMap<>())
                        .computeIfAbsent(file.getParent(), parent -> format.runFolder(parent, root));
                inFolders
                        .computeIfAbsent(format, same -> new TreeMap<>())
                        .computeIfAbsent(folder, same -> new ArrayList<>())
                        .add(file);
            } else {
                named.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException problem) {
            // It went away meanwhile, or is nobody's business.
            return FileVisitResult.CONTINUE;
        }

        List<FoundRun> runs() {
            Set<Path> taken = new TreeSet<>();
            for (LogFormat format : Formats.byPromptness()) {
                Set<Path> takenNow = new TreeSet<>();
                inFolders.getOrDefault(format, Map.of()).forEach((folder, files) -> {
                    if (!isTaken(taken, folder, format.otherLogs(folder))) {
                        addFolder(format, folder, files);
                        takenNow.add(folder);
                    }
                });
                taken.addAll(takenNow);
            }
            named.forEach(file -> add(ownId(file), file, List.of(file)));
            return runs.values().stream()
                    .sorted(Comparator.comparing(FoundRun::place))
                    .toList();
        }

        private boolean isTaken(Set<Path> taken, Path folder, Path otherLogs) {
            return taken.contains(folder)
                    || (otherLogs != null && taken.stream().anyMatch(other -> other.startsWith(otherLogs)));
        }

        private void addFolder(LogFormat format, Path folder, List<Path> files) {
            files.sort(Comparator.naturalOrder());
            String id = idOfFolder(folder);
            if (format.hasSeveralFiles()) {
                add(id, folder, List.copyOf(files));
                return;
            }
            for (Path file : format.current(files)) {
                add(runs.containsKey(id) ? ownId(file) : id, file, List.of(file));
            }
        }

        private void add(String id, Path place, List<Path> files) {
            runs.putIfAbsent(id, new FoundRun(id, place, files));
        }

        private String ownId(Path file) {
            String name = String.valueOf(LogFile.plain(file).getFileName());
            return RunIds.cut(slashes(root.relativize(file).resolveSibling(RunIds.stem(name))));
        }

        private String idOfFolder(Path folder) {
            return folder.equals(root) ? RunIds.ofFolder(root) : RunIds.cut(slashes(root.relativize(folder)));
        }

        private static String slashes(Path relative) {
            return relative.toString().replace('\\', '/');
        }
    }
}
