package dev.gradwatch.app.service.config;

import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Parameter;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Every key that may be set, read from {@link Settings} and from the detectors. Names are without the prefix. */
final class KeyCatalogue {

    /** Groups whose names are the client's own, not ours. */
    static final List<String> OPEN_GROUPS = List.of("kafka.properties.", "registry.properties.");

    static final String DETECTORS = "detectors.";

    /**
     * A key as {@link Settings} declares it.
     *
     * @param type what one value is: the element's type for lists and optional values
     * @param list whether it takes several values, separated by commas
     * @param defaultValue {@code null} when there is none
     */
    record KnownKey(String name, Class<?> type, boolean list, String defaultValue, Key key) {}

    private static final Map<String, KnownKey> KEYS = readKeys();

    private KeyCatalogue() {}

    static Collection<KnownKey> keys() {
        return KEYS.values();
    }

    static KnownKey find(String name) {
        return KEYS.get(name);
    }

    /** Whether the key may be set, whatever its value. */
    static boolean isKnown(String name) {
        return KEYS.containsKey(name) || isOpen(name) || detectorKeys().containsKey(name);
    }

    static boolean isOpen(String name) {
        return OPEN_GROUPS.stream().anyMatch(group -> name.startsWith(group) && name.length() > group.length());
    }

    /** The parameters of all detectors by key. */
    static Map<String, Parameter> detectorKeys() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (CatalogueEntry entry : Catalogue.entries()) {
            for (Parameter parameter : entry.parameters()) {
                parameters.put(DETECTORS + entry.id() + "." + parameter.name(), parameter);
            }
        }
        return parameters;
    }

    /** The key that was probably meant, when one is near enough to be worth a suggestion. */
    static Optional<String> nearest(String unknown) {
        List<String> candidates = new ArrayList<>(KEYS.keySet());
        candidates.addAll(detectorKeys().keySet());
        int tolerated = Math.max(2, unknown.length() / 3);
        return candidates.stream()
                .map(candidate -> Map.entry(candidate, distance(unknown, candidate)))
                .filter(scored -> scored.getValue() <= tolerated)
                .min(Comparator.comparingInt(Map.Entry::getValue))
                .map(Map.Entry::getKey);
    }

    /** How a key is written as an environment variable. */
    static String environmentName(String key) {
        return (Settings.PREFIX + "." + key).replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] current = new int[right.length() + 1];
            current[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int substitution = previous[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[right.length()];
    }

    private static Map<String, KnownKey> readKeys() {
        Map<String, KnownKey> keys = new LinkedHashMap<>();
        // Reflection does not promise the order of methods, and the reference must not depend on the JVM.
        groups().forEach(group -> methods(group.getReturnType())
                .filter(method -> !isMap(method))
                .forEach(method -> {
                    String name = kebab(group.getName()) + "." + kebab(method.getName());
                    keys.put(name, describe(name, method));
                }));
        return keys;
    }

    private static java.util.stream.Stream<Method> groups() {
        return methods(Settings.class).filter(method -> !isMap(method));
    }

    private static java.util.stream.Stream<Method> methods(Class<?> type) {
        return List.of(type.getDeclaredMethods()).stream().sorted(Comparator.comparing(Method::getName));
    }

    private static boolean isMap(Method method) {
        return Map.class.isAssignableFrom(method.getReturnType());
    }

    private static KnownKey describe(String name, Method method) {
        Key key = method.getAnnotation(Key.class);
        WithDefault withDefault = method.getAnnotation(WithDefault.class);
        boolean list = List.class.isAssignableFrom(method.getReturnType());
        Type generic = method.getGenericReturnType();
        Class<?> type = generic instanceof ParameterizedType parameterized
                ? (Class<?>) parameterized.getActualTypeArguments()[0]
                : method.getReturnType();
        return new KnownKey(name, type, list, withDefault == null ? null : withDefault.value(), key);
    }

    private static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
