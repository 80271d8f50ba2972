package dev.gradwatch.wire;

import dev.gradwatch.detection.text.Sanitizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * A way through the bytes of one writer schema that builds nothing: it finds out whether Avro may build a value of them. So a value costs
 * memory and time within the limits of the contract, whatever its bytes and its schema claim:
 *
 * <ul>
 *   <li>lists and maps of the contract are refused by {@link ListLimit} before they are built;
 *   <li>a schema may not expand to more than {@link #MOST_NODES}: fields that readers skip are walked value by value, and a record
 *       nested 60 deep with two children each has 2^60 of them in no bytes at all;
 *   <li>what a value holds is bounded by its bytes, and how deep it nests by {@link #DEEPEST};
 *   <li>a branch of a union without a namesake in ours is found here, because Avro would take it for any branch that it fits by
 *       structure, and a record whose fields all have defaults fits everything.
 * </ul>
 *
 * <p>Immutable; one may be used by many threads.
 */
final class WriterPlan {

    /** Nodes that a schema may expand to: fifty times the contract's own. */
    static final int MOST_NODES = 10_000;

    /** How deep schemas and values may nest; the contract nests eight deep. */
    static final int DEEPEST = 64;

    /** Values a byte: an absent optional field has two (the branch and its null), small records in records some more. */
    private static final long VALUES_PER_BYTE = 8;

    private final Node root;

    private WriterPlan(Node root) {
        this.root = root;
    }

    /**
     * @param reader what it is read as
     * @throws UndecodableRecordException when the schema may cost more than its bytes
     */
    static WriterPlan of(Schema writer, Schema reader, int schemaId) throws UndecodableRecordException {
        return new WriterPlan(
                new Compiler(schemaId).node(writer, reader, null, 0).node());
    }

    /**
     * Walks through a value to its end.
     *
     * @throws UndecodableRecordException when Avro must not build it
     * @throws IOException when the bytes do not follow the schema
     */
    void check(WireDecoder in) throws IOException, UndecodableRecordException {
        root.walk(new Walk(in, MOST_NODES + VALUES_PER_BYTE * in.remaining()), 0);
    }

    /** One walk: what is left to spend. */
    private static final class Walk {
        private final WireDecoder in;
        private long values;
        private Map<ListLimit, Integer> entries;

        Walk(WireDecoder in, long values) {
            this.in = in;
            this.values = values;
        }

        void visit(int depth) throws IOException {
            if (--values < 0) {
                throw new IOException("it holds more values than its bytes can account for");
            }
            if (depth > DEEPEST) {
                throw new IOException("it nests more than " + DEEPEST + " deep");
            }
        }

        /** Entries of a list so far and those of a block. */
        long counted(ListLimit limit, long soFar, long more) throws UndecodableRecordException {
            long count = soFar + more;
            if (limit == null) {
                return count;
            }
            if (count > limit.most()) {
                throw tooMany(limit, limit.field() + " has " + count, limit.most());
            }
            if (limit.mostInAll() > limit.most()) {
                if (entries == null) {
                    entries = new HashMap<>();
                }
                int all = entries.merge(limit, (int) more, Integer::sum);
                if (all > limit.mostInAll()) {
                    throw tooMany(limit, limit.field() + " of all steps have " + all, limit.mostInAll());
                }
            }
            return count;
        }

        private static UndecodableRecordException tooMany(ListLimit limit, String what, int most) {
            return new UndecodableRecordException(
                    limit.cause(), what + " or more entries; at most " + most + " are allowed");
        }
    }

    private interface Node {
        void walk(Walk walk, int depth) throws IOException, UndecodableRecordException;
    }

    private record Compiled(Node node, long size) {}

    private static final class RecordNode implements Node {
        private Node[] fields = {};

        @Override
        public void walk(Walk walk, int depth) throws IOException, UndecodableRecordException {
            walk.visit(depth);
            for (Node field : fields) {
                field.walk(walk, depth + 1);
            }
        }
    }

    /** Turns a schema into nodes, each named type once, and counts what it would expand to. */
    private static final class Compiler {
        private final int schemaId;
        private final Map<List<Object>, Compiled> done = new HashMap<>();
        /** Records that are being compiled, with the unions, lists and maps that led to them. */
        private final Map<String, Integer> open = new HashMap<>();

        private final Map<List<Object>, RecordNode> openNodes = new HashMap<>();
        private int choices;

        Compiler(int schemaId) {
            this.schemaId = schemaId;
        }

        Compiled node(Schema writer, Schema reader, ListLimit limit, int depth) throws UndecodableRecordException {
            if (depth > DEEPEST) {
                throw refused("nests more than " + DEEPEST + " deep");
            }
            if (isUnknown(writer, reader)) {
                return new Compiled(unknown(writer), 1);
            }
            Schema known = reader == null || writer.getType() == Schema.Type.UNION ? null : branchOf(reader, writer);
            return switch (writer.getType()) {
                case RECORD -> record(writer, known, depth);
                case UNION -> union(writer, reader, limit, depth);
                case ARRAY -> array(writer, known, limit, depth);
                case MAP -> map(writer, known, limit, depth);
                default -> new Compiled(leaf(writer), 1);
            };
        }

        private Compiled record(Schema writer, Schema reader, int depth) throws UndecodableRecordException {
            List<Object> key = List.of(writer.getFullName(), reader == null ? "" : reader.getFullName());
            Compiled known = done.get(key);
            if (known != null) {
                return known;
            }
            Integer opened = open.get(writer.getFullName());
            if (opened != null && opened == choices) {
                throw refused("has a record " + Sanitizer.quoted(writer.getFullName()) + " that contains itself");
            }
            RecordNode again = openNodes.get(key);
            if (again != null) {
                return new Compiled(again, 1);
            }
            RecordNode node = new RecordNode();
            openNodes.put(key, node);
            open.put(writer.getFullName(), choices);
            List<Node> fields = new ArrayList<>();
            long size = 1;
            for (Schema.Field field : writer.getFields()) {
                Schema.Field ours = reader == null ? null : reader.getField(field.name());
                ListLimit limit = reader == null ? null : ListLimit.of(reader.getFullName(), field.name());
                Compiled child = node(field.schema(), ours == null ? null : ours.schema(), limit, depth + 1);
                size = counted(size + child.size());
                fields.add(child.node());
            }
            node.fields = fields.toArray(Node[]::new);
            if (opened == null) {
                open.remove(writer.getFullName());
            } else {
                open.put(writer.getFullName(), opened);
            }
            openNodes.remove(key);
            Compiled compiled = new Compiled(node, size);
            done.put(key, compiled);
            return compiled;
        }

        private Compiled union(Schema writer, Schema reader, ListLimit limit, int depth)
                throws UndecodableRecordException {
            choices++;
            List<Node> nodes = new ArrayList<>();
            long size = 1;
            for (Schema branch : writer.getTypes()) {
                Compiled child = node(branch, reader, limit, depth + 1);
                size = counted(size + child.size());
                nodes.add(child.node());
            }
            choices--;
            Node[] branches = nodes.toArray(Node[]::new);
            return new Compiled(
                    (walk, at) -> {
                        walk.visit(at);
                        int index = walk.in.readIndex();
                        if (index < 0 || index >= branches.length) {
                            throw new IOException("a union of " + branches.length + " has no branch " + index);
                        }
                        branches[index].walk(walk, at + 1);
                    },
                    size);
        }

        private Compiled array(Schema writer, Schema reader, ListLimit limit, int depth)
                throws UndecodableRecordException {
            choices++;
            Schema ours = reader == null || reader.getType() != Schema.Type.ARRAY ? null : reader.getElementType();
            Compiled element = node(writer.getElementType(), ours, null, depth + 1);
            choices--;
            Node entry = element.node();
            return new Compiled((walk, at) -> blocks(walk, at, limit, false, entry), counted(1 + element.size()));
        }

        private Compiled map(Schema writer, Schema reader, ListLimit limit, int depth)
                throws UndecodableRecordException {
            choices++;
            Schema ours = reader == null || reader.getType() != Schema.Type.MAP ? null : reader.getValueType();
            Compiled value = node(writer.getValueType(), ours, null, depth + 1);
            choices--;
            Node entry = value.node();
            return new Compiled((walk, at) -> blocks(walk, at, limit, true, entry), counted(1 + value.size()));
        }

        private static void blocks(Walk walk, int depth, ListLimit limit, boolean keyed, Node entry)
                throws IOException, UndecodableRecordException {
            walk.visit(depth);
            long count = 0;
            for (WireDecoder.Block block = walk.in.readBlock(); block.count() > 0; block = walk.in.readBlock()) {
                count = walk.counted(limit, count, block.count());
                for (long i = 0; i < block.count(); i++) {
                    if (keyed) {
                        walk.in.skipString();
                    }
                    entry.walk(walk, depth + 1);
                }
                walk.in.endBlock(block);
            }
        }

        private static Node leaf(Schema writer) {
            int fixedSize = writer.getType() == Schema.Type.FIXED ? writer.getFixedSize() : 0;
            Schema.Type type = writer.getType();
            return (walk, depth) -> {
                walk.visit(depth);
                switch (type) {
                    case BOOLEAN -> walk.in.readBoolean();
                    case INT -> walk.in.readInt();
                    case LONG -> walk.in.readLong();
                    case ENUM -> walk.in.readEnum();
                    case FLOAT -> walk.in.skipFixed(Float.BYTES);
                    case DOUBLE -> walk.in.skipFixed(Double.BYTES);
                    case STRING -> walk.in.skipString();
                    case BYTES -> walk.in.skipBytes();
                    case FIXED -> walk.in.skipFixed(fixedSize);
                    default -> {
                        // null takes no bytes
                    }
                }
            };
        }

        private Node unknown(Schema writer) {
            String name = writer.getName();
            return (walk, depth) -> {
                throw new UnknownEventTypeException(name, schemaId);
            };
        }

        /** Whether Avro would have to guess which of our records a record is. */
        private static boolean isUnknown(Schema writer, Schema reader) {
            return writer.getType() == Schema.Type.RECORD
                    && reader != null
                    && reader.getType() == Schema.Type.UNION
                    && reader.getTypes().stream().anyMatch(branch -> branch.getType() == Schema.Type.RECORD)
                    && branchOf(reader, writer) == null;
        }

        /** What of ours a writer's type is read as; {@code null} when nothing is. Outside unions Avro asks for no name. */
        private static Schema branchOf(Schema reader, Schema writer) {
            if (reader.getType() != Schema.Type.UNION) {
                return reader.getType() == writer.getType() ? reader : null;
            }
            for (Schema branch : reader.getTypes()) {
                if (branch.getType() == writer.getType()
                        && (writer.getType() != Schema.Type.RECORD || isNamesake(branch, writer))) {
                    return branch;
                }
            }
            return null;
        }

        private static boolean isNamesake(Schema reader, Schema writer) {
            return reader.getName().equals(writer.getName())
                    || reader.getAliases().contains(writer.getFullName());
        }

        private long counted(long size) throws UndecodableRecordException {
            if (size > MOST_NODES) {
                throw refused("expands to more than " + MOST_NODES + " values");
            }
            return size;
        }

        private UndecodableRecordException refused(String what) {
            return new UndecodableRecordException(
                    DeadLetterCause.INCOMPATIBLE_SCHEMA,
                    "schema " + schemaId + " " + what + ", which no training event does");
        }
    }
}
