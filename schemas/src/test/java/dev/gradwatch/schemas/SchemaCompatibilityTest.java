package dev.gradwatch.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** FULL_TRANSITIVE: every current schema reads what every release wrote, and every release reads what the current one writes. */
class SchemaCompatibilityTest {

    static Stream<String> names() {
        return Contracts.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everySchemaHasReleasesNumberedWithoutGaps(String name) {
        List<Path> released = Contracts.released(name);

        assertThat(released)
                .as("schemas/src/released/%s must hold v1.avsc: copy the new contract there when it is released", name)
                .isNotEmpty();
        assertThat(released.stream().map(Contracts::version))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, released.size()).boxed().toList());
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsWhatEveryReleaseWroteAndTheOtherWayRound(String name) {
        Schema current = Contracts.current(name);
        for (Path file : Contracts.released(name)) {
            Schema released = Contracts.parse(file);
            assertReads(current, released, name + " of now", file.toString());
            assertReads(released, current, file.toString(), name + " of now");
        }
    }

    /** A compatible difference is fine while it is worked on; this keeps the newest release from standing behind unnoticed in silence. */
    @ParameterizedTest
    @MethodSource("names")
    void newestReleaseIsTheCurrentTextOrCompatibleWithIt(String name) {
        List<Path> files = Contracts.released(name);
        Path newest = files.get(files.size() - 1);
        Schema released = Contracts.parse(newest);
        Schema current = Contracts.current(name);
        if (current.toString().equals(released.toString())) {
            return;
        }
        assertThat(isFullyCompatible(current, released))
                .as(
                        "%s differs from %s and is not compatible with it in both directions. Keep to added fields with defaults; when"
                                + " it is compatible, release it: copy it to schemas/src/released/%s/v%d.avsc, say in CHANGELOG.md what"
                                + " was added, and register it before the service that writes it starts.",
                        name, newest, name, files.size() + 1)
                .isTrue();
    }

    @Test
    void refusesAFieldWithoutDefaultARemovedFieldAndAChangedType() {
        Schema base = schema("{'name':'a','type':'int'},{'name':'b','type':'int','default':0}");

        assertThat(isFullyCompatible(schema("{'name':'a','type':'int'}"), base))
                .as("a removed field with a default")
                .isTrue();
        assertThat(isFullyCompatible(schema("{'name':'b','type':'int','default':0}"), base))
                .as("a removed field without a default")
                .isFalse();
        assertThat(isFullyCompatible(
                        schema(
                                "{'name':'a','type':'int'},{'name':'b','type':'int','default':0},{'name':'c','type':'int'}"),
                        base))
                .as("an added field without a default")
                .isFalse();
        assertThat(isFullyCompatible(schema("{'name':'a','type':'long'},{'name':'b','type':'int','default':0}"), base))
                .as("a wider type, which old readers do not understand")
                .isFalse();
    }

    private static boolean isFullyCompatible(Schema one, Schema other) {
        return verdict(one, other) == SchemaCompatibilityType.COMPATIBLE
                && verdict(other, one) == SchemaCompatibilityType.COMPATIBLE;
    }

    private static SchemaCompatibilityType verdict(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }

    private static void assertReads(Schema reader, Schema writer, String readerName, String writerName) {
        SchemaCompatibility.SchemaPairCompatibility pair =
                SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        assertThat(pair.getType())
                .as(
                        "%s must read what %s wrote: %s. Add fields only with a default, and change or remove nothing that was released.",
                        readerName, writerName, pair.getResult().getIncompatibilities())
                .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    private static Schema schema(String fields) {
        return new Schema.Parser().parse(("{'type':'record','name':'R','fields':[" + fields + "]}").replace('\'', '"'));
    }
}
