package dev.gradwatch.detection.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.catalogue.Catalogue;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.scenario.FaultyRuns;
import dev.gradwatch.detection.scenario.WatchedRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DiagnosisWeightsTest {

    static List<Parameter> weights() {
        return DiagnosisWeights.parameters(Catalogue.entries());
    }

    @Test
    void everyWeightHasANameOfItsOwnAndAConditionInWords() {
        assertThat(weights())
                .extracting(Parameter::name)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-z]+(-[a-z]+)*(\\.[a-z]+(-[a-z]+)*)?"));
        assertThat(weights()).allSatisfy(weight -> assertThat(weight.doc()).isNotBlank());
    }

    @ParameterizedTest
    @MethodSource("weights")
    void rejectsValuesOutOfRangeByName(Parameter weight) {
        String key = DiagnosisWeights.PREFIX + weight.name();
        for (double wrong : new double[] {Math.nextDown(weight.min()), Math.nextUp(weight.max()), Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DetectionSettings.of(Map.of(key, wrong)))
                    .withMessageContaining(key + " = " + wrong);
        }
        assertThat(DetectionSettings.of(Map.of(key, weight.max())).diagnosis().get(weight))
                .isEqualTo(weight.max());
    }

    @Test
    void namesEveryUnknownWeightAndParameterAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DetectionSettings.of(
                        Map.of("diagnosis.early-best.luck", 0.1, "diagnosis.x", 0.1, "loss-plateau.flatt", 0.1)))
                .withMessageContaining("diagnosis.early-best.luck: no such weight")
                .withMessageContaining("diagnosis.x: no such weight")
                .withMessageContaining("loss-plateau.flatt: no such parameter");
    }

    @Test
    void aWeightThatIsSetChangesTheDiagnosis() {
        Map<String, Double> set = Map.of("diagnosis.overfitting.insufficient-data", 5.0);

        assertThat(firstCause(Map.of())).isEqualTo("overfitting");
        assertThat(firstCause(set)).isEqualTo("insufficient-data");
    }

    private static String firstCause(Map<String, Double> settings) {
        return WatchedRun.run(FaultyRuns.all().get("overfitting"), settings)
                .last("overfitting")
                .causes()
                .get(0)
                .code();
    }
}
