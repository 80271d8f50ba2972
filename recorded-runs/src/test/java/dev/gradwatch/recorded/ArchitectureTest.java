package dev.gradwatch.recorded;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Whom the readers of recorded runs may know: the domain and a JSON parser. */
@AnalyzeClasses(packages = "dev.gradwatch.recorded", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule recordedRunsKnowDetectionOnly = classes()
            .that()
            .resideInAPackage("dev.gradwatch.recorded..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.recorded..",
                    "dev.gradwatch.detection..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "java..");

    @ArchTest
    static final ArchRule formatsDoNotKnowWhoFollowsThem = classes()
            .that()
            .resideInAPackage("dev.gradwatch.recorded.follow..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("dev.gradwatch.recorded.follow..");
}
