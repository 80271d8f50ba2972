package dev.gradwatch.app.service.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What was set where. Layers, each over the one before: a file that was found,
 * environment, system properties, a file that the command line names, the command line. Collects the values as text
 * and the problems of naming; what the values mean is not its business.
 */
final class ConfigLayers {

    static final String FILE_NAME = "gradwatch.properties";
    static final String FILE_VARIABLE = "GRADWATCH_CONFIG";

    /** Read by the launcher script and the command line themselves. */
    private static final Set<String> FOREIGN_VARIABLES =
            Set.of(FILE_VARIABLE, "GRADWATCH_HOME", "GRADWATCH_OPTS", "GRADWATCH_JAVA_OPTS", "GRADWATCH_STACKTRACE");

    private static final Set<String> FOREIGN_PROPERTIES = Set.of("gradwatch.terminals");

    /** Kubernetes and container links put these into every container that runs near a service called {@code gradwatch...}. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_SERVICE_(HOST|PORT(_.+)?)|.*_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?|.*_ENV_.*");

    private static final Pattern LINK_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");
    private static final String PREFIX = Settings.PREFIX + ".";
    private static final String VARIABLE_PREFIX = "GRADWATCH_";

    /** A value as text and where it was set. */
    record Assigned(String value, String source) {}

    private final Map<String, Assigned> assigned = new TreeMap<>();
    private final List<String> problems;

    private ConfigLayers(List<String> problems) {
        this.problems = problems;
    }

    /**
     * Reads all layers.
     *
     * @param fileOrNull must exist; {@code null}: the file that {@code GRADWATCH_CONFIG} names, else {@code ./gradwatch.properties} if there
     * @param problems receives what is wrong
     * @return by key without prefix
     */
    static Map<String, Assigned> read(
            Path fileOrNull, Map<String, String> overrides, ProcessEnvironment environment, List<String> problems) {
        ConfigLayers layers = new ConfigLayers(problems);
        if (fileOrNull == null) {
            layers.addFile(foundFile(environment));
        }
        layers.addEnvironment(environment.variables());
        environment.systemProperties().forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !FOREIGN_PROPERTIES.contains(name)) {
                layers.add(name.substring(PREFIX.length()), value, "system property " + name);
            }
        });
        layers.addFile(fileOrNull);
        new TreeMap<>(overrides).forEach((name, value) -> layers.add(unprefixed(name), value, "command line"));
        return layers.assigned;
    }

    /** The file that nobody named on the command line; {@code null} without one. */
    private static Path foundFile(ProcessEnvironment environment) {
        String named = environment.variables().getOrDefault(FILE_VARIABLE, "");
        if (!named.isBlank()) {
            return Path.of(named);
        }
        Path usual = environment.folder() == null ? null : environment.folder().resolve(FILE_NAME);
        return usual != null && Files.exists(usual) ? usual : null;
    }

    private void addFile(Path file) {
        if (file == null) {
            return;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            problems.add("configuration file " + file + ": there is no such file");
        } catch (CharacterCodingException e) {
            problems.add("configuration file " + file + ": is not UTF-8 text");
        } catch (IOException | IllegalArgumentException e) {
            problems.add("configuration file " + file + ": cannot be read: " + e.getMessage());
        }
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            add(unprefixed(name), properties.getProperty(name).trim(), "file " + file);
        }
    }

    private void addEnvironment(Map<String, String> environment) {
        Map<String, String> keysByVariable = new HashMap<>();
        KeyCatalogue.keys().forEach(key -> keysByVariable.put(KeyCatalogue.environmentName(key.name()), key.name()));
        KeyCatalogue.detectorKeys().keySet().forEach(key -> keysByVariable.put(KeyCatalogue.environmentName(key), key));
        new TreeMap<>(environment).forEach((variable, value) -> {
            // Compose files hand on unset variables as empty ones.
            if (!variable.startsWith(VARIABLE_PREFIX) || value.isBlank() || isForeign(variable, value)) {
                return;
            }
            String shared = PublisherVariables.keyOf(variable);
            if (shared != null) {
                // Our own name for it says more.
                if (environment
                        .getOrDefault(KeyCatalogue.environmentName(shared), "")
                        .isBlank()) {
                    add(shared, PublisherVariables.valueOf(variable, value), "environment " + variable);
                }
                return;
            }
            String key = keysByVariable.get(variable);
            if (key == null) {
                key = openKey(variable);
            }
            add(key, value, "environment " + variable);
        });
    }

    private static boolean isForeign(String variable, String value) {
        return FOREIGN_VARIABLES.contains(variable)
                || PublisherVariables.isForPublishersAlone(variable)
                || SERVICE_LINK.matcher(variable).matches()
                || (variable.endsWith("_PORT") && LINK_ADDRESS.matcher(value).matches());
    }

    /** Client properties are written with dots only, so that an underscore stands for a dot. Anything else is reported as unknown. */
    private static String openKey(String variable) {
        for (String group : KeyCatalogue.OPEN_GROUPS) {
            String start = KeyCatalogue.environmentName(group);
            if (variable.startsWith(start) && variable.length() > start.length()) {
                return group + dotted(variable.substring(start.length()));
            }
        }
        return dotted(variable.substring(VARIABLE_PREFIX.length()));
    }

    private static String dotted(String variable) {
        return variable.toLowerCase(Locale.ROOT).replace('_', '.');
    }

    private void add(String key, String value, String source) {
        if (KeyCatalogue.isKnown(key)) {
            assigned.put(key, new Assigned(value, source));
            return;
        }
        String suggestion = KeyCatalogue.nearest(key)
                .map(near -> "; did you mean " + near + "?")
                .orElse("; 'gradwatch config' lists every key");
        problems.add(key + " (" + source + "): there is no such key" + suggestion);
    }

    private static String unprefixed(String name) {
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    }
}
