package dev.gradwatch.commands.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParameterOverridesTest {

    @Test
    void takesKeysAsTheConfigurationWritesThemAndShorter() {
        assertThat(ParameterOverrides.parse(
                        Map.of("detectors.loss-plateau.flat", "0.02", "loss-plateau.least-steps", " 30 ")))
                .containsOnly(Map.entry("loss-plateau.flat", 0.02), Map.entry("loss-plateau.least-steps", 30.0));
    }

    @Test
    void namesEverythingThatIsWrongAndWhatIsAllowed() {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("loss-plateau.flat", "9");
        wrong.put("loss-plateau.least-steps", "many");
        wrong.put("loss-plateau.colour", "1");
        wrong.put("lost-plateau.flat", "1");
        wrong.put("loss-plateau.late-share", "NaN");

        assertThatThrownBy(() -> ParameterOverrides.parse(wrong))
                .isInstanceOfSatisfying(
                        IllegalArgumentException.class,
                        problem -> assertThat(problem.getMessage().lines())
                                .hasSize(5)
                                .anyMatch(line -> line.startsWith(
                                        "--set loss-plateau.flat=9: must be a number from 0.0001 to 0.5"))
                                .anyMatch(line ->
                                        line.startsWith("--set loss-plateau.least-steps=many: must be a number"))
                                .anyMatch(
                                        line -> line.startsWith(
                                                "--set loss-plateau.colour: no such parameter; loss-plateau has standard-errors, flat,"))
                                .anyMatch(line -> line.contains("there is no detector 'lost-plateau'"))
                                .anyMatch(line -> line.startsWith("--set loss-plateau.late-share=NaN: must be")));
    }
}
