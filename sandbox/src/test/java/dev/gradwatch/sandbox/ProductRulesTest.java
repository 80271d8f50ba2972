package dev.gradwatch.sandbox;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.gradwatch.commands.Main;

/** What holds for every module: the sandbox sees all of them. */
@AnalyzeClasses(packages = "dev.gradwatch", importOptions = ImportOption.DoNotIncludeTests.class)
class ProductRulesTest {

    @ArchTest
    static final ArchRule oneClassAloneEndsTheProcess = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Main.class.getName())
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class);

    /** Generated classes have their own. */
    @ArchTest
    static final ArchRule noStaticCanBeAssignedAnew = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .resideOutsideOfPackage("dev.gradwatch.schemas..")
            .should()
            .beFinal();
}
