package dev.gradwatch.wire;

import org.apache.avro.Schema;

/**
 * The schema registry as this service needs it. Nothing here tries twice: whoever calls decides how long to wait and what to do meanwhile.
 *
 * <p>All methods may throw {@link RegistryUnavailableException} (the same call may work later) and {@link RegistryRejectedException} (it
 * will not, until somebody changes something). Implementations are thread-safe.
 */
public interface SchemaRegistry extends AutoCloseable {

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

    /** Returns when the registry has answered; never from a cache. */
    void ping();

    @Override
    void close();
}
