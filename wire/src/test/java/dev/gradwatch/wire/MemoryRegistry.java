package dev.gradwatch.wire;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;

/** A registry in memory that can go away, for tests of what stands above it. Not thread-safe. */
final class MemoryRegistry implements SchemaRegistry {

    private final List<Schema> schemas = new ArrayList<>();
    private final Set<String> subjects = new HashSet<>();
    private RuntimeException fault;
    private int lookups;

    /** Ids are {@code 1, 2, ...} in order of registration. */
    int add(Schema schema) {
        schemas.add(schema);
        return schemas.size();
    }

    void failWith(RuntimeException newFault) {
        fault = newFault;
    }

    int lookups() {
        return lookups;
    }

    @Override
    public Schema schemaById(int id) {
        lookups++;
        ping();
        if (id < 1 || id > schemas.size()) {
            throw new SchemaNotFoundException("no schema of id " + id, null);
        }
        return schemas.get(id - 1);
    }

    @Override
    public int register(String subject, Schema schema) {
        ping();
        subjects.add(subject);
        int known = schemas.indexOf(schema);
        return known < 0 ? add(schema) : known + 1;
    }

    @Override
    public int idOf(String subject, Schema schema) {
        ping();
        if (!subjects.contains(subject)) {
            throw new SchemaNotFoundException("no subject " + subject, null);
        }
        return schemas.indexOf(schema) + 1;
    }

    @Override
    public void ping() {
        if (fault != null) {
            throw fault;
        }
    }

    @Override
    public void close() {
        // holds nothing
    }
}
