package dev.gradwatch.detection.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The ids of detectors that left the catalogue. */
final class RetiredIds {

    private RetiredIds() {}

    static List<String> read() {
        try (InputStream list = RetiredIds.class.getResourceAsStream("/retired-detector-ids.txt")) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
