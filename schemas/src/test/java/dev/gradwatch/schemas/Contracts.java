package dev.gradwatch.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/** The schema files of this module: the current ones and every version that was released. */
final class Contracts {

    private static final Path CURRENT = Path.of("src/main/avro");
    private static final Path RELEASED = Path.of("src/released");

    private Contracts() {}

    /** Names without ending, such as {@code training-event}. */
    static Stream<String> names() {
        return list(CURRENT).stream()
                .map(file -> file.getFileName().toString())
                .map(file -> file.substring(0, file.length() - ".avsc".length()));
    }

    static Schema current(String name) {
        return parse(CURRENT.resolve(name + ".avsc"));
    }

    /** Released files, oldest first. */
    static List<Path> released(String name) {
        return list(RELEASED.resolve(name)).stream()
                .sorted(Comparator.comparingInt(Contracts::version))
                .toList();
    }

    static int version(Path released) {
        return Integer.parseInt(released.getFileName().toString().replaceAll("^v|\\.avsc$", ""));
    }

    static Schema parse(Path file) {
        try {
            return new Schema.Parser().parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
