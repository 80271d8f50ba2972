package dev.gradwatch.detection;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom in the core, as lists of what is allowed. */
@AnalyzeClasses(packages = "dev.gradwatch.detection", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String CORE = "dev.gradwatch.detection";

    @ArchTest
    static final ArchRule NEEDS_THE_JDK_ALONE = classes()
            .that()
            .resideInAPackage(CORE + "..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    CORE + "..",
                    "java.lang..",
                    "java.util",
                    "java.util.function",
                    "java.util.stream",
                    "java.nio.charset");

    @ArchTest
    static final ArchRule STATISTICS_KNOW_NOTHING_OF_RUNS = knows("statistics", "codec");

    @ArchTest
    static final ArchRule THE_CODEC_KNOWS_NOBODY = knows("codec");

    @ArchTest
    static final ArchRule EVENTS_KNOW_NOBODY = knows("event");

    @ArchTest
    static final ArchRule ALERTS_KNOW_NOBODY = knows("alert");

    @ArchTest
    static final ArchRule STATE_DOES_NOT_JUDGE = knows("state", "statistics", "codec", "event", "alert");

    @ArchTest
    static final ArchRule DETECTORS_DO_NOT_DIAGNOSE =
            knows("detector..", "state", "statistics", "codec", "event", "alert");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching(CORE + ".(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CATALOGUE_KNOWS_DETECTORS_ALONE =
            knows("catalogue", "detector..", "state", "statistics", "codec", "event", "alert");

    @ArchTest
    static final ArchRule THE_DIAGNOSIS_ASKS_THE_ENTRIES_AND_NO_DETECTOR =
            knows("diagnosis", "detector", "state", "statistics", "codec", "event", "alert");

    @ArchTest
    static final ArchRule HAS_NO_MUTABLE_STATICS = fields().that()
            .areStatic()
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule HAS_NO_CLOCK_AND_NO_CHANCE = noClasses()
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.Random")
            .orShould()
            .accessClassesThat()
            .haveFullyQualifiedName("java.io.PrintStream");

    private static ArchRule knows(String subpackage, String... others) {
        String[] allowed = new String[others.length + 2];
        allowed[0] = "java..";
        allowed[1] = CORE + "." + subpackage;
        for (int i = 0; i < others.length; i++) {
            allowed[i + 2] = CORE + "." + others[i];
        }
        return classes()
                .that()
                .resideInAPackage(CORE + "." + subpackage)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed);
    }
}
