package dev.gradwatch.commands;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

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
}
