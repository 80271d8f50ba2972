package dev.gradwatch.wire;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Whom the wire may know: it serves every consumer of the topics, so it knows no Kafka Streams and no service. */
@AnalyzeClasses(packages = "dev.gradwatch.wire", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule wireKnowsSchemasDetectionAndTheRegistryClient = classes()
            .that()
            .resideInAPackage("dev.gradwatch.wire..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.wire..",
                    "dev.gradwatch.schemas..",
                    "dev.gradwatch.detection..",
                    "org.apache.avro..",
                    "io.confluent.kafka.schemaregistry..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "java..");
}
