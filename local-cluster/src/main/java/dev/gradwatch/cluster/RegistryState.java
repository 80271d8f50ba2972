package dev.gradwatch.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that a registry knows, immutable: a change makes a new state, which counts only after it is on disk.
 *
 * @param lastId the highest schema id ever given out; ids are never used twice, because records carry them for ever
 * @param compatibility the level of subjects without one of their own
 * @param schemas schema text by id
 * @param subjects versions and level by subject; a subject may have a level before it has versions
 */
record RegistryState(
        int lastId,
        CompatibilityLevel compatibility,
        SortedMap<Integer, String> schemas,
        SortedMap<String, Subject> subjects) {

    /** One registered schema of a subject; a deleted one keeps its number and can still be read by id. */
    record Version(int version, int id, boolean deleted) {}

    /**
     * @param compatibility null for the global level
     * @param versions in rising order
     */
    record Subject(CompatibilityLevel compatibility, List<Version> versions) {

        static final Subject EMPTY = new Subject(null, List.of());

        Subject {
            versions = versions == null ? List.of() : List.copyOf(versions);
        }

        List<Version> versions(boolean withDeleted) {
            return versions.stream().filter(v -> withDeleted || !v.deleted()).toList();
        }

        Subject withLevel(CompatibilityLevel level) {
            return new Subject(level, versions);
        }

        Subject withNext(int id) {
            int number =
                    versions.isEmpty() ? 1 : versions.get(versions.size() - 1).version() + 1;
            List<Version> more = new ArrayList<>(versions);
            more.add(new Version(number, id, false));
            return new Subject(compatibility, more);
        }

        Subject softDeleted(Version gone) {
            return new Subject(
                    compatibility,
                    versions.stream()
                            .map(v -> v.equals(gone) ? new Version(v.version(), v.id(), true) : v)
                            .toList());
        }

        Subject without(Version gone) {
            return new Subject(
                    compatibility,
                    versions.stream().filter(v -> !v.equals(gone)).toList());
        }
    }

    RegistryState {
        schemas = Collections.unmodifiableSortedMap(new TreeMap<>(schemas));
        subjects = Collections.unmodifiableSortedMap(new TreeMap<>(subjects));
    }

    static RegistryState empty() {
        return new RegistryState(0, CompatibilityLevel.BACKWARD, new TreeMap<>(), new TreeMap<>());
    }

    Subject subject(String name) {
        return subjects.getOrDefault(name, Subject.EMPTY);
    }

    CompatibilityLevel levelOf(String subject) {
        CompatibilityLevel own = subject(subject).compatibility();
        return own == null ? compatibility : own;
    }

    Optional<Integer> idOf(String schema) {
        return schemas.entrySet().stream()
                .filter(e -> e.getValue().equals(schema))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    RegistryState withLevel(CompatibilityLevel level) {
        return new RegistryState(lastId, level, schemas, subjects);
    }

    RegistryState withSchema(String schema) {
        NavigableMap<Integer, String> more = new TreeMap<>(schemas);
        more.put(lastId + 1, schema);
        return new RegistryState(lastId + 1, compatibility, more, subjects);
    }

    /** Puts a subject in place of the one of that name; an empty one disappears, with the schemas nobody refers to. */
    RegistryState with(String name, Subject subject) {
        NavigableMap<String, Subject> changed = new TreeMap<>(subjects);
        if (subject.equals(Subject.EMPTY)) {
            changed.remove(name);
        } else {
            changed.put(name, subject);
        }
        NavigableMap<Integer, String> referred = new TreeMap<>(schemas);
        referred.keySet()
                .removeIf(id -> changed.values().stream()
                        .flatMap(s -> s.versions().stream())
                        .noneMatch(v -> v.id() == id));
        return new RegistryState(lastId, compatibility, referred, changed);
    }
}
