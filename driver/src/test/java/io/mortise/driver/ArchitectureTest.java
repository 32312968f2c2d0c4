package io.mortise.driver;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The driver sees sessions and {@code java.sql} interfaces, neither H2 nor lock types, and nobody sleeps. */
final class ArchitectureTest {
    private static final String DRIVER = "io.mortise.driver";

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(DRIVER);
    private static final JavaClasses MAIN_AND_TESTS = new ClassFileImporter().importPackages(DRIVER);

    @Test
    void theDriverSeesSixRoomsOfTheEngine() {
        ArchRule rule = classes()
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.not(resideInAPackage("io.mortise.engine.."))
                        .or(resideInAnyPackage(
                                "io.mortise.engine",
                                "io.mortise.engine.session..",
                                "io.mortise.engine.command..",
                                "io.mortise.engine.provider..",
                                "io.mortise.engine.setting..",
                                "io.mortise.engine.error..")))
                .because("a lock or a storage type in the driver would make it a second engine: let Session answer")
                .allowEmptyShould(true);

        rule.check(MAIN);
    }

    @Test
    void theDriverDoesNotKnowH2() {
        ArchRule rule = noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.h2..")
                .because("the driver forwards to java.sql interfaces; what only H2 can say belongs in storage")
                .allowEmptyShould(true);

        rule.check(MAIN);
    }

    @Test
    void noPackagesImportEachOtherInACircle() {
        slices().matching(DRIVER + ".(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(MAIN);
    }

    @Test
    void nobodySleepsOrSpins() {
        ArchRule rule = noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class)
                .orShould()
                .callMethod(Thread.class, "yield")
                .orShould()
                .callMethod(TimeUnit.class, "sleep", long.class)
                .because("what is waited for can be waited on: a condition, a latch, a future, a lock listener");

        rule.check(MAIN_AND_TESTS);
    }
}
