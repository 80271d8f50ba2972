package dev.gradwatch.app.service.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a process brings along that may configure it.
 *
 * @param variables of the environment
 * @param folder where {@code gradwatch.properties} is looked for; {@code null}: nowhere
 */
record ProcessEnvironment(Map<String, String> variables, Map<String, String> systemProperties, Path folder) {

    static final ProcessEnvironment NONE = new ProcessEnvironment(Map.of(), Map.of(), null);

    static ProcessEnvironment ofProcess() {
        Map<String, String> properties = new LinkedHashMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        return new ProcessEnvironment(System.getenv(), properties, Path.of("").toAbsolutePath());
    }
}
