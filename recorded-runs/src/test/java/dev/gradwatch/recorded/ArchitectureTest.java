package dev.gradwatch.recorded;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.gradwatch.recorded.log.LogFormat;

/** Whom the readers of recorded runs may know: the domain and parsers of JSON and CSV. */
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

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.gradwatch.(recorded..)").should().beFreeOfCycles();

    /** Code that serves all formats knows none of them; their list does. */
    @ArchTest
    static final ArchRule formatsAreKnownByTheirListOnly = noClasses()
            .that()
            .resideInAnyPackage("dev.gradwatch.recorded", "dev.gradwatch.recorded.log", "dev.gradwatch.recorded.follow")
            .and()
            .doNotHaveSimpleName("Formats")
            .should()
            .dependOnClassesThat()
            .implement(LogFormat.class);
}
