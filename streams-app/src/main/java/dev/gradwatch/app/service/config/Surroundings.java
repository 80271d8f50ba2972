package dev.gradwatch.app.service.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a process brings along that may configure it.
 *
 * @param folder where {@code gradwatch.properties} is looked for; {@code null}: nowhere
 */
record Surroundings(Map<String, String> environment, Map<String, String> systemProperties, Path folder) {

    static final Surroundings NONE = new Surroundings(Map.of(), Map.of(), null);

    static Surroundings ofProcess() {
        Map<String, String> properties = new LinkedHashMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        return new Surroundings(System.getenv(), properties, Path.of("").toAbsolutePath());
    }
}
