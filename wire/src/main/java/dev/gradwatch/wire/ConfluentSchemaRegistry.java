package dev.gradwatch.wire;

import dev.gradwatch.detection.text.Sanitizer;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.RestService;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaString;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * A registry that speaks Confluent's protocol, through Confluent's own client. Thread-safe.
 *
 * <p>What was found is kept for good, because neither a schema nor its id ever changes; that an id is unknown is kept for some seconds only:
 * long enough that a flood of bad records does not become a flood of requests, short enough that a schema registered later is seen.
 *
 * <p>Below Confluent's caching client its {@code RestService} is used: the caching one reports a schema that is not Avro or does not parse
 * as an input-output error, and such a record would be tried for ever. Secrets stand in no message and not in {@link #toString()}.
 */
public final class ConfluentSchemaRegistry implements SchemaRegistry {

    private static final long FORGET_MISSING_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int MOST_REMEMBERED = 10_000;
    private static final int DEEPEST_REFERENCE = 16;
    private static final int LONGEST_REASON = 600;
    private static final Set<Integer> NOT_FOUND_CODES = Set.of(40401, 40402, 40403);

    private record Registration(String subject, Schema schema) {}

    private final String where;
    private final RestService rest;
    private final CachedSchemaRegistryClient client;
    private final LongSupplier nanoClock;
    private final ConcurrentMap<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final ConcurrentMap<Registration, Integer> ids = new ConcurrentHashMap<>();
    private final ConcurrentMap<Integer, Long> missingSince = new ConcurrentHashMap<>();

    /**
     * Connects to nothing yet.
     *
     * @param urls one or more nodes of one registry, tried in turn
     * @param clientProperties Confluent's client settings, such as {@code basic.auth.user.info}, {@code bearer.auth.token},
     *     {@code schema.registry.ssl.truststore.location}, {@code http.read.timeout.ms}
     * @throws IllegalArgumentException when a URL or a setting cannot be used
     */
    public ConfluentSchemaRegistry(List<String> urls, Map<String, String> clientProperties) {
        this(urls, clientProperties, System::nanoTime);
    }

    ConfluentSchemaRegistry(List<String> urls, Map<String, String> clientProperties, LongSupplier nanoClock) {
        RegistryClientSettings settings = RegistryClientSettings.of(urls, clientProperties);
        this.where = String.join(", ", settings.urls());
        this.nanoClock = nanoClock;
        this.rest = new RestService(settings.urls());
        try {
            // It puts TLS and credentials into the RestService.
            this.client = new CachedSchemaRegistryClient(rest, 1, settings.properties(), Map.of());
        } catch (RuntimeException e) {
            // Without the cause, whose text may hold a secret.
            throw new IllegalArgumentException(
                    "the schema registry client does not accept its settings: " + settings.withoutSecrets(reasons(e)));
        }
    }

    @Override
    public Schema schemaById(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        Long since = missingSince.get(id);
        if (since != null && nanoClock.getAsLong() - since < FORGET_MISSING_NANOS) {
            throw new SchemaNotFoundException(noSuchId(id), null);
        }
        try {
            SchemaString found = call("looking up schema " + id, noSuchId(id), () -> rest.getId(id));
            Schema schema = parse("schema " + id, found);
            missingSince.remove(id);
            keep(schemas, id, schema);
            return schema;
        } catch (SchemaNotFoundException e) {
            keep(missingSince, id, nanoClock.getAsLong());
            throw e;
        }
    }

    @Override
    public int register(String subject, Schema schema) {
        Registration registration = new Registration(subject, schema);
        Integer known = ids.get(registration);
        if (known != null) {
            return known;
        }
        String text = PublishedSchema.text(schema);
        int id = call(
                "registering " + schema.getFullName() + " under subject " + Sanitizer.quoted(subject),
                "subject " + Sanitizer.quoted(subject) + " cannot be created",
                () -> rest.registerSchema(text, subject));
        keep(ids, registration, id);
        return id;
    }

    @Override
    public int idOf(String subject, Schema schema) {
        Registration registration = new Registration(subject, schema);
        Integer known = ids.get(registration);
        if (known != null) {
            return known;
        }
        String text = PublishedSchema.text(schema);
        int id = call(
                        "looking up " + schema.getFullName() + " under subject " + Sanitizer.quoted(subject),
                        "subject " + Sanitizer.quoted(subject) + " does not hold this version of "
                                + schema.getFullName()
                                + " in the schema registry at " + where
                                + ": register it first, or set registry.auto-register to true",
                        () -> rest.lookUpSubjectVersion(text, subject))
                .getId();
        keep(ids, registration, id);
        return id;
    }

    @Override
    public Optional<String> compatibility(String subject) {
        String doing = "asking for the compatibility of subject " + Sanitizer.quoted(subject);
        return Optional.ofNullable(call(doing, doing + ": not found", () -> rest.getConfig(Map.of(), subject, true))
                .getCompatibilityLevel());
    }

    @Override
    public void requireCompatibility(String subject, String level) {
        String doing = "setting the compatibility of subject " + Sanitizer.quoted(subject) + " to " + level;
        call(doing, doing + ": not found", () -> rest.updateCompatibility(level, subject));
    }

    /** Asks for the subjects below a prefix that nobody uses: a small answer from every registry that knows the parameter. */
    @Override
    public void ping() {
        call("asking for subjects", "this is no schema registry", () -> rest.getAllSubjects("gradwatch-ping-", false));
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            // There is nothing left that could be lost.
        }
    }

    @Override
    public String toString() {
        return "schema registry at " + where;
    }

    private interface Call<R> {
        R run() throws IOException, RestClientException;
    }

    private <R> R call(String doing, String notFound, Call<R> call) {
        try {
            return call.run();
        } catch (RestClientException e) {
            throw translated(doing, notFound, e);
        } catch (IOException e) {
            throw new RegistryUnavailableException(
                    doing + ": the schema registry at " + where + " does not answer: "
                            + Sanitizer.quoted(e.toString(), LONGEST_REASON),
                    e);
        }
    }

    private RuntimeException translated(String doing, String notFound, RestClientException e) {
        int status = e.getStatus();
        String answer = doing + ": the schema registry at " + where + " answered " + status + ", "
                + Sanitizer.quoted(e.getMessage(), LONGEST_REASON);
        if (status == 404 && NOT_FOUND_CODES.contains(e.getErrorCode())) {
            return new SchemaNotFoundException(notFound, e);
        }
        if (status == 401 || status == 403 || status == 407) {
            return new RegistryRejectedException(
                    answer
                            + ": check basic.auth.user.info or bearer.auth.token of the registry's client, and what they permit",
                    true,
                    e);
        }
        // A 404 without the registry's own code comes from something in between that does not know the path: a proxy
        // while the
        // registry restarts, or a wrong address. Records must not be condemned for either.
        if (status == 404) {
            return new RegistryUnavailableException(answer + ": check that the address is the registry's", e);
        }
        if (status < 400 || status == 408 || status == 429 || status >= 500) {
            return new RegistryUnavailableException(answer, e);
        }
        return new RegistryRejectedException(answer, false, e);
    }

    private static String reasons(Throwable fault) {
        StringJoiner reasons = new StringJoiner(": ");
        for (Throwable t = fault; t != null; t = t.getCause()) {
            reasons.add(t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage());
        }
        return reasons.toString();
    }

    private String noSuchId(int id) {
        return "the schema registry at " + where + " has no schema of id " + id;
    }

    private Schema parse(String what, SchemaString found) {
        String type = found.getSchemaType();
        if (type != null && !type.equals("AVRO")) {
            throw new RegistryRejectedException(
                    what + " is a " + Sanitizer.quoted(type) + " schema, not an Avro schema", false, null);
        }
        Schema.Parser parser = new Schema.Parser();
        parser.setValidateDefaults(false);
        try {
            addReferences(parser, what, found.getReferences(), 0);
            return parser.parse(found.getSchemaString());
        } catch (AvroRuntimeException e) {
            throw new RegistryRejectedException(
                    what + " cannot be parsed: " + Sanitizer.quoted(e.getMessage(), LONGEST_REASON), false, e);
        }
    }

    private void addReferences(Schema.Parser parser, String what, List<SchemaReference> references, int depth) {
        if (references == null) {
            return;
        }
        if (depth > DEEPEST_REFERENCE) {
            throw new RegistryRejectedException(
                    what + " refers to others more than " + DEEPEST_REFERENCE + " deep", false, null);
        }
        for (SchemaReference reference : references) {
            if (parser.getTypes().containsKey(reference.getName())) {
                continue;
            }
            String referred = what + ", which refers to " + Sanitizer.quoted(reference.getName());
            var found = call(
                    "looking up " + referred,
                    referred + ": not found",
                    () -> rest.getVersion(reference.getSubject(), reference.getVersion(), true));
            addReferences(parser, what, found.getReferences(), depth + 1);
            parser.parse(found.getSchema());
        }
    }

    /** Bounded by forgetting everything: that many schemas are seen only when somebody makes them up. */
    private static <K, V> void keep(ConcurrentMap<K, V> cache, K key, V value) {
        if (cache.size() >= MOST_REMEMBERED) {
            cache.clear();
        }
        cache.put(key, value);
    }
}
