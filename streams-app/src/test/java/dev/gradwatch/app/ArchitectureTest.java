package dev.gradwatch.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Who may know whom, as lists of what is allowed: a package that wants more has to be written down here first. The arrows are
 * {@code edge -> engine -> wire -> (schemas, detection)} and {@code edge -> follow -> recorded -> detection}.
 */
@AnalyzeClasses(packages = "dev.gradwatch.app", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule wireKnowsSchemasDetectionAndTheRegistryClient = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.wire..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.app.wire..",
                    "dev.gradwatch.schemas..",
                    "dev.gradwatch.detection..",
                    "org.apache.avro..",
                    "io.confluent.kafka.schemaregistry..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "java..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule recordedKnowsDetectionOnly = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.recorded..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.app.recorded..",
                    "dev.gradwatch.detection..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "java..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule followKnowsRecordedRunsAndDetectionOnly = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.follow..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.app.follow..",
                    "dev.gradwatch.app.recorded..",
                    "dev.gradwatch.detection..",
                    "com.fasterxml.jackson..",
                    "java..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule engineKnowsWireAndKafkaButNeitherConfigurationNorMetricsNorHttp = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.engine..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.app.engine..",
                    "dev.gradwatch.app.wire..",
                    "dev.gradwatch.schemas..",
                    "dev.gradwatch.detection..",
                    "org.apache.kafka..",
                    "org.apache.avro..",
                    "org.slf4j..",
                    "java..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule configurationKnowsTheEnginesSettingsAndWhatItConfigures = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.edge.config..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.app.edge.config..",
                    "dev.gradwatch.app.engine..",
                    "dev.gradwatch.detection..",
                    "io.smallrye.config..",
                    "org.apache.kafka..",
                    "ch.qos.logback..",
                    "org.eclipse.microprofile.config..",
                    "org.slf4j..",
                    "java..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheWireTalksToTheRegistryClient = classes()
            .that()
            .resideOutsideOfPackage("dev.gradwatch.app.wire..")
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackage("io.confluent..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nothingBelowTheEdgeKnowsTheEdge = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.edge..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("dev.gradwatch.app.edge..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule everyClassHasAPlace = classes()
            .should()
            .resideInAnyPackage(
                    "dev.gradwatch.app.wire..",
                    "dev.gradwatch.app.recorded..",
                    "dev.gradwatch.app.follow..",
                    "dev.gradwatch.app.engine..",
                    "dev.gradwatch.app.edge.config..",
                    "dev.gradwatch.app.edge.metrics..",
                    "dev.gradwatch.app.edge.http..",
                    "dev.gradwatch.app.edge.service..",
                    "dev.gradwatch.app.edge.cli..");
}
