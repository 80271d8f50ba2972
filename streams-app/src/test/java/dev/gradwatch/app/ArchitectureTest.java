package dev.gradwatch.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Whom the packages of the service may know: {@code service -> engine -> wire -> (schemas, detection)}. A package that wants more has to be
 * written down here first. */
@AnalyzeClasses(packages = "dev.gradwatch.app", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule engineKnowsWireAndKafkaButNeitherConfigurationNorMetricsNorHttp = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.engine..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.app.engine..",
                    "dev.gradwatch.wire..",
                    "dev.gradwatch.schemas..",
                    "dev.gradwatch.detection..",
                    "org.apache.kafka..",
                    "org.apache.avro..",
                    // The causes of its exceptions alone say whether files are damaged.
                    "org.rocksdb..",
                    "org.slf4j..",
                    "java..");

    @ArchTest
    static final ArchRule configurationKnowsTheEnginesSettingsAndWhatItConfigures = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.service.config..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.app.service.config..",
                    "dev.gradwatch.app.engine..",
                    "dev.gradwatch.detection..",
                    "io.smallrye.config..",
                    "org.apache.kafka..",
                    "ch.qos.logback..",
                    "org.eclipse.microprofile.config..",
                    "org.slf4j..",
                    "java..");

    @ArchTest
    static final ArchRule onlyTheWireTalksToTheRegistryClient =
            classes().should().onlyDependOnClassesThat().resideOutsideOfPackage("io.confluent..");

    @ArchTest
    static final ArchRule theEngineDoesNotKnowTheService = classes()
            .that()
            .resideInAPackage("dev.gradwatch.app.service..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("dev.gradwatch.app.service..");

    @ArchTest
    static final ArchRule everyClassHasAPlace =
            classes().should().resideInAnyPackage("dev.gradwatch.app.engine..", "dev.gradwatch.app.service..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.gradwatch.app.(**)").should().beFreeOfCycles();
}
