package dev.gradwatch.app.engine;

import dev.gradwatch.wire.RegistryUnavailableException;
import dev.gradwatch.wire.SchemaNotFoundException;
import dev.gradwatch.wire.SchemaRegistry;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;

/** A registry without a server, which can be down. */
final class InMemoryRegistry implements SchemaRegistry {

    private final Map<Integer, Schema> schemas = new HashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private int unansweredLookups;
    private boolean down;

    synchronized void failLookups(int times) {
        unansweredLookups = times;
    }

    synchronized void down(boolean isDown) {
        down = isDown;
    }

    @Override
    public synchronized Schema schemaById(int id) {
        if (down || unansweredLookups > 0) {
            unansweredLookups--;
            throw new RegistryUnavailableException("down for the test", null);
        }
        Schema schema = schemas.get(id);
        if (schema == null) {
            throw new SchemaNotFoundException("no schema has the id " + id, null);
        }
        return schema;
    }

    @Override
    public synchronized int register(String subject, Schema schema) {
        return ids.computeIfAbsent(subject + schema, key -> {
            int id = schemas.size() + 1;
            schemas.put(id, schema);
            return id;
        });
    }

    @Override
    public synchronized int idOf(String subject, Schema schema) {
        Integer id = ids.get(subject + schema);
        if (id == null) {
            throw new SchemaNotFoundException(subject + " does not hold the schema", null);
        }
        return id;
    }

    @Override
    public void ping() {}

    @Override
    public void close() {}
}
