package dev.gradwatch.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** People in other languages see nothing of this project but its schemas. */
class SchemaDocumentationTest {

    static Stream<String> names() {
        return Contracts.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyRecordFieldAndEnumSaysWhatItIs(String name) {
        List<String> silent = new ArrayList<>();
        collectUndocumented(Contracts.current(name), silent, new HashSet<>());

        assertThat(silent).as("undocumented in %s.avsc", name).isEmpty();
    }

    private static void collectUndocumented(Schema schema, List<String> silent, Set<String> seen) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    note(schema.getDoc(), schema.getFullName(), silent);
                    for (Schema.Field field : schema.getFields()) {
                        note(field.doc(), schema.getFullName() + "." + field.name(), silent);
                        collectUndocumented(field.schema(), silent, seen);
                    }
                }
            }
            case ENUM -> note(schema.getDoc(), schema.getFullName(), silent);
            case ARRAY -> collectUndocumented(schema.getElementType(), silent, seen);
            case MAP -> collectUndocumented(schema.getValueType(), silent, seen);
            case UNION -> schema.getTypes().forEach(branch -> collectUndocumented(branch, silent, seen));
            default -> {
                // Nothing to name inside.
            }
        }
    }

    private static void note(String doc, String what, List<String> silent) {
        if (doc == null || doc.isBlank()) {
            silent.add(what);
        }
    }
}
