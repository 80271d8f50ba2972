package dev.gradwatch.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * The text of a schema as it is registered. Generated classes carry hints for Java in theirs; a registry would take that for another
 * version than the one that a program in another language registers from the same {@code .avsc}.
 */
final class PublishedSchema {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JAVA_HINT = "avro.java.string";

    private PublishedSchema() {}

    static String text(Schema schema) {
        try {
            JsonNode tree = JSON.readTree(schema.toString());
            removeHints(tree);
            // Parsed again, so that {"type": "string"} becomes "string" as in the .avsc.
            return new Schema.Parser().parse(JSON.writeValueAsString(tree)).toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "Avro wrote a schema that is no JSON: " + Objects.toString(schema.getFullName()), e);
        }
    }

    private static void removeHints(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(JAVA_HINT);
        }
        node.forEach(PublishedSchema::removeHints);
    }
}
