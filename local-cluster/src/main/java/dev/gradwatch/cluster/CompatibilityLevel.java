package dev.gradwatch.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;

/** Who must be able to read whom when a subject gets a new schema. The names are those of the registry's API. */
enum CompatibilityLevel {
    NONE(false, false, false),
    BACKWARD(true, false, false),
    BACKWARD_TRANSITIVE(true, false, true),
    FORWARD(false, true, false),
    FORWARD_TRANSITIVE(false, true, true),
    FULL(true, true, false),
    FULL_TRANSITIVE(true, true, true);

    private final boolean newReadsOld;
    private final boolean oldReadsNew;
    private final boolean transitive;

    CompatibilityLevel(boolean newReadsOld, boolean oldReadsNew, boolean transitive) {
        this.newReadsOld = newReadsOld;
        this.oldReadsNew = oldReadsNew;
        this.transitive = transitive;
    }

    static CompatibilityLevel named(String name) {
        try {
            return valueOf(name);
        } catch (IllegalArgumentException e) {
            throw RegistryError.invalidCompatibilityLevel(name);
        }
    }

    /**
     * What stands against the candidate; empty when it may be registered.
     *
     * @param earlier the subject's schemas, oldest first
     */
    List<String> objections(Schema candidate, List<Schema> earlier) {
        if (earlier.isEmpty()) {
            return List.of();
        }
        List<Schema> opponents = transitive ? earlier : Collections.singletonList(earlier.get(earlier.size() - 1));
        List<String> objections = new ArrayList<>();
        for (Schema opponent : opponents) {
            if (newReadsOld) {
                addObjections(objections, candidate, opponent);
            }
            if (oldReadsNew) {
                addObjections(objections, opponent, candidate);
            }
        }
        return objections;
    }

    private static void addObjections(List<String> objections, Schema reader, Schema writer) {
        SchemaPairCompatibility pair = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
            pair.getResult().getIncompatibilities().forEach(found -> objections.add(found.toString()));
        }
    }
}
