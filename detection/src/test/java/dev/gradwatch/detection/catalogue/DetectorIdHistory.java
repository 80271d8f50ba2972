package dev.gradwatch.detection.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The list of every detector id that was ever used, each with its note. */
final class DetectorIdHistory {

    private DetectorIdHistory() {}

    static Map<String, String> read() {
        Map<String, String> ids = new LinkedHashMap<>();
        try (InputStream list = DetectorIdHistory.class.getResourceAsStream("/detector-ids.txt")) {
            for (String line : new String(list.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] words = line.trim().split(" ", 2);
                    if (ids.put(words[0], words.length == 1 ? "" : words[1]) != null) {
                        throw new AssertionError(words[0] + " stands twice in detector-ids.txt");
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ids;
    }
}
