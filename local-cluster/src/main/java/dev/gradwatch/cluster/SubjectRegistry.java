package dev.gradwatch.cluster;

import dev.gradwatch.cluster.RegistryState.Subject;
import dev.gradwatch.cluster.RegistryState.Version;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/**
 * The rules of the registry, without HTTP: which schema gets which id and version, and which is refused.
 *
 * <p>Two schemas are the same when their texts are, white space apart: documentation and defaults count. The same schema
 * has one id in all subjects.
 *
 * <p>Threads: every method may be called from any thread; writers wait for each other and for the disk.
 */
final class SubjectRegistry {

    /** A schema with its place. */
    record Registered(String subject, int version, int id, String schema) {}

    private final RegistryFile file;
    private RegistryState state;

    SubjectRegistry(RegistryFile file) throws IOException {
        this.file = file;
        this.state = file.read();
    }

    synchronized List<String> subjects(boolean withDeleted, String prefix) {
        return state.subjects().entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix))
                .filter(e -> !e.getValue().versions(withDeleted).isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    synchronized List<Integer> versions(String subject, boolean withDeleted) {
        return existing(subject, withDeleted).stream().map(Version::version).toList();
    }

    synchronized Registered version(String subject, String version, boolean withDeleted) {
        return registered(subject, find(subject, version, withDeleted));
    }

    synchronized String schema(int id) {
        String schema = state.schemas().get(id);
        if (schema == null) {
            throw RegistryError.schemaNotFound(id);
        }
        return schema;
    }

    synchronized List<Registered> placesOf(int id, boolean withDeleted) {
        schema(id);
        List<Registered> places = new ArrayList<>();
        state.subjects()
                .forEach((name, subject) -> subject.versions(withDeleted).stream()
                        .filter(v -> v.id() == id)
                        .forEach(v -> places.add(registered(name, v))));
        return places;
    }

    synchronized int register(String subject, String text) throws IOException {
        Schema schema = parse(text);
        String canonical = schema.toString();
        Optional<Version> known = find(canonical, existingOrNone(subject));
        if (known.isPresent()) {
            return known.get().id();
        }
        List<String> objections = state.levelOf(subject).objections(schema, schemasOf(existingOrNone(subject)));
        if (!objections.isEmpty()) {
            throw RegistryError.incompatible(subject, objections);
        }
        RegistryState next = state.idOf(canonical).isPresent() ? state : state.withSchema(canonical);
        int id = next.idOf(canonical).orElseThrow();
        keep(next.with(subject, next.subject(subject).withNext(id)));
        return id;
    }

    synchronized Registered lookUp(String subject, String text, boolean withDeleted) {
        List<Version> versions = existing(subject, withDeleted);
        String canonical = parse(text).toString();
        return find(canonical, versions).map(v -> registered(subject, v)).orElseThrow(RegistryError::schemaNotFound);
    }

    /** What stands against the schema, measured against one version; an empty subject accepts everything. */
    synchronized List<String> objections(String subject, String version, String text) {
        Schema schema = parse(text);
        Version opponent = find(subject, version, false);
        return state.levelOf(subject).objections(schema, schemasOf(List.of(opponent)));
    }

    /** As {@link #objections(String, String, String)}, against the versions that the subject's level asks for. */
    synchronized List<String> objections(String subject, String text) {
        return state.levelOf(subject).objections(parse(text), schemasOf(existingOrNone(subject)));
    }

    synchronized List<Integer> delete(String subject, boolean permanent) throws IOException {
        Subject before = state.subject(subject);
        existing(subject, true);
        List<Version> live = before.versions(false);
        if (permanent) {
            if (!live.isEmpty()) {
                throw RegistryError.subjectNotSoftDeleted(subject);
            }
            keep(state.with(subject, Subject.EMPTY));
            return before.versions().stream().map(Version::version).toList();
        }
        if (live.isEmpty()) {
            throw RegistryError.subjectSoftDeleted(subject);
        }
        Subject after = before.withLevel(null);
        for (Version version : live) {
            after = after.softDeleted(version);
        }
        keep(state.with(subject, after));
        return live.stream().map(Version::version).toList();
    }

    synchronized int deleteVersion(String subject, String number, boolean permanent) throws IOException {
        Version version = find(subject, number, true);
        if (permanent != version.deleted()) {
            throw permanent
                    ? RegistryError.versionNotSoftDeleted(subject, version.version())
                    : RegistryError.versionSoftDeleted(subject, version.version());
        }
        Subject before = state.subject(subject);
        keep(state.with(subject, permanent ? before.without(version) : before.softDeleted(version)));
        return version.version();
    }

    synchronized CompatibilityLevel level() {
        return state.compatibility();
    }

    synchronized CompatibilityLevel level(String subject, boolean orGlobal) {
        CompatibilityLevel own = state.subject(subject).compatibility();
        if (own == null && !orGlobal) {
            throw RegistryError.subjectWithoutLevel(subject);
        }
        return state.levelOf(subject);
    }

    synchronized void setLevel(CompatibilityLevel level) throws IOException {
        keep(state.withLevel(level));
    }

    synchronized void setLevel(String subject, CompatibilityLevel level) throws IOException {
        keep(state.with(subject, state.subject(subject).withLevel(level)));
    }

    /** Returns the level that the subject had. */
    synchronized CompatibilityLevel forgetLevel(String subject) throws IOException {
        CompatibilityLevel had = state.subject(subject).compatibility();
        if (had == null) {
            throw RegistryError.subjectNotFound(subject);
        }
        keep(state.with(subject, state.subject(subject).withLevel(null)));
        return had;
    }

    private void keep(RegistryState next) throws IOException {
        file.write(next);
        state = next;
    }

    private Version find(String subject, String version, boolean withDeleted) {
        boolean latest = version.equals("latest") || version.equals("-1");
        int number = latest ? 0 : number(version);
        List<Version> versions = existing(subject, withDeleted);
        if (latest) {
            return versions.get(versions.size() - 1);
        }
        return versions.stream()
                .filter(v -> v.version() == number)
                .findFirst()
                .orElseThrow(() -> RegistryError.versionNotFound(number));
    }

    private static int number(String version) {
        try {
            int number = Integer.parseInt(version);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below, with the same words as a number that is too small.
        }
        throw RegistryError.invalidVersion(version);
    }

    private List<Version> existing(String subject, boolean withDeleted) {
        List<Version> versions = state.subject(subject).versions(withDeleted);
        if (versions.isEmpty()) {
            throw RegistryError.subjectNotFound(subject);
        }
        return versions;
    }

    private List<Version> existingOrNone(String subject) {
        return state.subject(subject).versions(false);
    }

    private Optional<Version> find(String canonical, List<Version> versions) {
        return versions.stream()
                .filter(v -> state.schemas().get(v.id()).equals(canonical))
                .reduce((older, newer) -> newer);
    }

    private Registered registered(String subject, Version version) {
        return new Registered(
                subject, version.version(), version.id(), state.schemas().get(version.id()));
    }

    private List<Schema> schemasOf(List<Version> versions) {
        return versions.stream().map(v -> parse(state.schemas().get(v.id()))).toList();
    }

    private static Schema parse(String text) {
        try {
            return new Schema.Parser().setValidateDefaults(true).parse(text);
        } catch (SchemaParseException e) {
            throw RegistryError.invalidSchema(e.getMessage());
        } catch (RuntimeException e) {
            // Avro answers some nonsense with a null pointer or a class cast; to the caller it is a bad schema.
            throw RegistryError.invalidSchema(String.valueOf(e.getMessage()));
        }
    }
}
