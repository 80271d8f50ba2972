package dev.gradwatch.wire;

import java.util.Optional;
import org.apache.avro.Schema;

/**
 * The schema registry as this service needs it. Nothing here tries twice: whoever calls decides how long to wait and what to do meanwhile.
 *
 * <p>All methods may throw {@link RegistryUnavailableException} (the same call may work later) and {@link RegistryRejectedException} (it
 * will not, until somebody changes something). Implementations are thread-safe.
 */
public interface SchemaRegistry extends AutoCloseable {

    /** Old and new readers read what old and new publishers write, over all versions: publishers and service are never upgraded at once. */
    String SAFE_COMPATIBILITY = "FULL_TRANSITIVE";

    /**
     * The schema that a record was written with.
     *
     * @throws SchemaNotFoundException when the registry has no schema of this id
     */
    Schema schemaById(int id);

    /** Registers a schema under a subject, or finds that it is there; returns its id. */
    int register(String subject, Schema schema);

    /**
     * The id of a schema that was registered before.
     *
     * @throws SchemaNotFoundException when the subject does not hold this schema
     */
    int idOf(String subject, Schema schema);

    /**
     * What a new version of a subject's schema may change, such as {@code BACKWARD}: the subject's own setting, or the registry's where it
     * has none. Empty where the registry does not say.
     */
    default Optional<String> compatibility(String subject) {
        return Optional.empty();
    }

    /** Sets what a new version of a subject's schema may change. */
    default void requireCompatibility(String subject, String level) {
        throw new UnsupportedOperationException(this + " has no levels of compatibility");
    }

    /** Returns when the registry has answered; never from a cache. */
    void ping();

    @Override
    void close();
}
