package dev.gradwatch.commands;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Whom the command line may know: everything of the product but the registry client, which the wire alone talks to. */
@AnalyzeClasses(packages = "dev.gradwatch.commands", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule onlyTheWireTalksToTheRegistryClient =
            classes().should().onlyDependOnClassesThat().resideOutsideOfPackage("io.confluent..");

    @ArchTest
    static final ArchRule theTerminalKnowsNothingOfTheProductButSeverities = classes()
            .that()
            .resideInAPackage("dev.gradwatch.commands.terminal..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.gradwatch.commands.terminal..",
                    "dev.gradwatch.detection..",
                    "picocli..",
                    "org.jline..",
                    "java..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.gradwatch.commands.(*)..").should().beFreeOfCycles();
}
