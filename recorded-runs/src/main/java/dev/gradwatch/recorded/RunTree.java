package dev.gradwatch.recorded;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
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
    private final Map<Path, Long> uselessAt = new HashMap<>();
    private final Set<Path> useful = new TreeSet<>();

    /**
     * Searches nothing yet.
     *
     * @param root a folder, or one file
     * @param wanted which files to look at
     */
    public RunTree(Path root, Predicate<Path> wanted) {
        this.root = root;
        this.wanted = wanted;
    }

    /** The runs that are there now, by path. */
    public List<FoundRun> find() throws IOException {
        if (!Files.isDirectory(root)) {
            return Files.exists(root) ? List.of(new FoundRun(RecordedRuns.idOf(root), root, List.of(root))) : List.of();
        }
        Search search = new Search();
        Files.walkFileTree(root, Set.of(), DEEPEST, search);
        useful.retainAll(search.tables);
        uselessAt.keySet().retainAll(search.seen);
        return search.runs();
    }

    private boolean isTable(Path file, BasicFileAttributes attributes) {
        String name = Formats.plainName(String.valueOf(file.getFileName()));
        if (!Formats.isNamed(name)) {
            return false;
        }
        if (useful.contains(file)) {
            return true;
        }
        Long size = uselessAt.get(file);
        if (size != null && size == attributes.size()) {
            return false;
        }
        if (RecordedRuns.isRecognised(file)) {
            useful.add(file);
            return true;
        }
        uselessAt.put(file, attributes.size());
        return false;
    }

    private final class Search extends SimpleFileVisitor<Path> {
        private final Set<Path> eventFolders = new TreeSet<>();
        private final Map<Path, Path> runFolders = new HashMap<>();
        private final Map<Path, List<Path>> states = new TreeMap<>();
        private final Set<Path> tables = new TreeSet<>();
        private final Set<Path> seen = new TreeSet<>();

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean hidden =
                    !folder.equals(root) && String.valueOf(folder.getFileName()).startsWith(".");
            return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = String.valueOf(file.getFileName());
            if (!attributes.isRegularFile() || attributes.size() == 0 || !wanted.test(file)) {
                return FileVisitResult.CONTINUE;
            }
            if (EventFolders.isEventFile(name)) {
                eventFolders.add(runFolders.computeIfAbsent(file.getParent(), folder -> runFolder(file)));
            } else if (TrainerStates.isNamed(name)) {
                states.computeIfAbsent(TrainerStates.runFolder(file, root), folder -> new ArrayList<>())
                        .add(file);
            } else {
                seen.add(file);
                if (isTable(file, attributes)) {
                    tables.add(file);
                }
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException problem) {
            // It went away meanwhile, or is nobody's business.
            return FileVisitResult.CONTINUE;
        }

        /** The path stays as it was given, relative or not. */
        private Path runFolder(Path file) {
            Path folder = file.getParent();
            boolean above =
                    !EventFolders.runFolder(file).equals(folder.toAbsolutePath().normalize());
            return above && !folder.equals(root) ? folder.getParent() : folder;
        }

        List<FoundRun> runs() throws IOException {
            Map<String, FoundRun> runs = new LinkedHashMap<>();
            for (Path folder : eventFolders) {
                List<Path> files =
                        EventFolders.filesOf(folder).stream().filter(wanted).toList();
                add(runs, idOfFolder(folder), folder, files);
            }
            for (Path table : tables) {
                addTable(runs, table);
            }
            for (Map.Entry<Path, List<Path>> state : states.entrySet()) {
                Path folder = state.getKey();
                String id = idOfFolder(folder);
                boolean elsewhere = runs.containsKey(id)
                        || eventFolders.stream().anyMatch(events -> events.startsWith(folder.resolve("runs")));
                if (!elsewhere) {
                    Path newest = TrainerStates.newest(state.getValue());
                    add(runs, id, newest, List.of(newest));
                }
            }
            return List.copyOf(runs.values());
        }

        private void addTable(Map<String, FoundRun> runs, Path table) {
            String own = RunIds.cut(slashes(root.relativize(table)
                    .resolveSibling(RunIds.stem(Formats.plainName(String.valueOf(table.getFileName()))))));
            if (!RecordedRuns.isNamedAlike(table)) {
                add(runs, own, table, List.of(table));
                return;
            }
            Path folder = table.getParent();
            String id = idOfFolder(folder);
            if (!eventFolders.contains(folder)) {
                add(runs, runs.containsKey(id) ? own : id, table, List.of(table));
            }
        }

        private static void add(Map<String, FoundRun> runs, String id, Path place, List<Path> files) {
            runs.putIfAbsent(id, new FoundRun(id, place, files));
        }

        private String idOfFolder(Path folder) {
            return folder.equals(root) ? RunIds.ofFolder(root) : RunIds.cut(slashes(root.relativize(folder)));
        }

        private static String slashes(Path relative) {
            return relative.toString().replace('\\', '/');
        }
    }
}
