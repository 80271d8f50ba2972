package dev.gradwatch.detection.catalogue;

import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.detector.gradient.DeadLayersDetector;
import dev.gradwatch.detection.detector.gradient.ExplodingGradientsDetector;
import dev.gradwatch.detection.detector.gradient.VanishingGradientsDetector;
import dev.gradwatch.detection.detector.gradient.ZeroGradientsDetector;
import dev.gradwatch.detection.detector.loss.ConstantMetricsDetector;
import dev.gradwatch.detection.detector.loss.ImplausibleLossDetector;
import dev.gradwatch.detection.detector.loss.LossDivergenceDetector;
import dev.gradwatch.detection.detector.loss.LossPlateauDetector;
import dev.gradwatch.detection.detector.loss.LossSpikeDetector;
import dev.gradwatch.detection.detector.loss.MajorityClassCollapseDetector;
import dev.gradwatch.detection.detector.loss.OscillatingLossDetector;
import dev.gradwatch.detection.detector.loss.SlowConvergenceDetector;
import dev.gradwatch.detection.detector.loss.UnexpectedInitialLossDetector;
import dev.gradwatch.detection.detector.run.NonFiniteValuesDetector;
import dev.gradwatch.detection.detector.run.SilentRunDetector;
import dev.gradwatch.detection.detector.run.SlowStepsDetector;
import dev.gradwatch.detection.detector.run.SuspiciousSettingsDetector;
import dev.gradwatch.detection.detector.update.FrozenUpdatesDetector;
import dev.gradwatch.detection.detector.update.OversizedUpdatesDetector;
import dev.gradwatch.detection.detector.validation.MetricPlateauDetector;
import dev.gradwatch.detection.detector.validation.NoGeneralizationDetector;
import dev.gradwatch.detection.detector.validation.OverfittingDetector;
import dev.gradwatch.detection.detector.validation.ValidationMismatchDetector;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every detector, in the order in which they examine an event. Adding one is one line here: its entry, and the detectors that explain the
 * same fault better. While one of those is open and pages people, the weaker one only adds its symptom to that alert.
 */
public final class Catalogue {

    private static final List<RegisteredDetector> DETECTORS = List.of(
            detector(SuspiciousSettingsDetector.ENTRY, SuspiciousSettingsDetector::new),
            detector(NonFiniteValuesDetector.ENTRY, NonFiniteValuesDetector::new),
            detector(ImplausibleLossDetector.ENTRY, ImplausibleLossDetector::new)
                    .yieldsTo(NonFiniteValuesDetector.ENTRY),
            detector(MajorityClassCollapseDetector.ENTRY, MajorityClassCollapseDetector::new)
                    .yieldsTo(
                            ImplausibleLossDetector.ENTRY,
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            FrozenUpdatesDetector.ENTRY,
                            VanishingGradientsDetector.ENTRY),
            detector(ConstantMetricsDetector.ENTRY, ConstantMetricsDetector::new)
                    .yieldsTo(
                            ImplausibleLossDetector.ENTRY,
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            FrozenUpdatesDetector.ENTRY,
                            VanishingGradientsDetector.ENTRY,
                            MajorityClassCollapseDetector.ENTRY),
            detector(ZeroGradientsDetector.ENTRY, ZeroGradientsDetector::new)
                    .yieldsTo(NonFiniteValuesDetector.ENTRY, LossDivergenceDetector.ENTRY),
            detector(DeadLayersDetector.ENTRY, DeadLayersDetector::new)
                    .yieldsTo(NonFiniteValuesDetector.ENTRY, LossDivergenceDetector.ENTRY, ZeroGradientsDetector.ENTRY),
            detector(FrozenUpdatesDetector.ENTRY, FrozenUpdatesDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            VanishingGradientsDetector.ENTRY),
            detector(UnexpectedInitialLossDetector.ENTRY, UnexpectedInitialLossDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY),
            detector(LossSpikeDetector.ENTRY, LossSpikeDetector::new).yieldsTo(NonFiniteValuesDetector.ENTRY),
            detector(ExplodingGradientsDetector.ENTRY, ExplodingGradientsDetector::new)
                    .yieldsTo(NonFiniteValuesDetector.ENTRY),
            detector(VanishingGradientsDetector.ENTRY, VanishingGradientsDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY),
            detector(LossDivergenceDetector.ENTRY, LossDivergenceDetector::new).yieldsTo(NonFiniteValuesDetector.ENTRY),
            detector(LossPlateauDetector.ENTRY, LossPlateauDetector::new)
                    .yieldsTo(
                            ImplausibleLossDetector.ENTRY,
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            VanishingGradientsDetector.ENTRY,
                            ConstantMetricsDetector.ENTRY,
                            MajorityClassCollapseDetector.ENTRY,
                            FrozenUpdatesDetector.ENTRY,
                            OverfittingDetector.ENTRY),
            detector(OverfittingDetector.ENTRY, OverfittingDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY, LossDivergenceDetector.ENTRY, OscillatingLossDetector.ENTRY),
            detector(NoGeneralizationDetector.ENTRY, NoGeneralizationDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            LossPlateauDetector.ENTRY,
                            ConstantMetricsDetector.ENTRY,
                            OverfittingDetector.ENTRY),
            detector(OscillatingLossDetector.ENTRY, OscillatingLossDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY),
            detector(SlowConvergenceDetector.ENTRY, SlowConvergenceDetector::new)
                    .yieldsTo(
                            ImplausibleLossDetector.ENTRY,
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            VanishingGradientsDetector.ENTRY,
                            FrozenUpdatesDetector.ENTRY,
                            ConstantMetricsDetector.ENTRY,
                            LossPlateauDetector.ENTRY,
                            MajorityClassCollapseDetector.ENTRY,
                            OverfittingDetector.ENTRY,
                            NoGeneralizationDetector.ENTRY,
                            OscillatingLossDetector.ENTRY),
            detector(MetricPlateauDetector.ENTRY, MetricPlateauDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            FrozenUpdatesDetector.ENTRY,
                            VanishingGradientsDetector.ENTRY,
                            ConstantMetricsDetector.ENTRY,
                            OscillatingLossDetector.ENTRY,
                            LossPlateauDetector.ENTRY,
                            OverfittingDetector.ENTRY,
                            NoGeneralizationDetector.ENTRY,
                            MajorityClassCollapseDetector.ENTRY),
            detector(ValidationMismatchDetector.ENTRY, ValidationMismatchDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY),
            detector(OversizedUpdatesDetector.ENTRY, OversizedUpdatesDetector::new)
                    .yieldsTo(
                            NonFiniteValuesDetector.ENTRY,
                            LossDivergenceDetector.ENTRY,
                            ZeroGradientsDetector.ENTRY,
                            DeadLayersDetector.ENTRY,
                            OscillatingLossDetector.ENTRY),
            detector(SlowStepsDetector.ENTRY, SlowStepsDetector::new),
            detector(SilentRunDetector.ENTRY, SilentRunDetector::new));

    private static final List<CatalogueEntry> ENTRIES =
            DETECTORS.stream().map(RegisteredDetector::entry).toList();

    private Catalogue() {}

    /** What people may know of each detector. */
    public static List<CatalogueEntry> entries() {
        return ENTRIES;
    }

    /** One of each, with the given parameters, in the order of {@link #entries}. */
    public static List<Detector> detectors(DetectorSettings settings) {
        return DETECTORS.stream()
                .map(registered -> registered.factory().apply(settings))
                .toList();
    }

    private static RegisteredDetector detector(CatalogueEntry entry, Function<DetectorSettings, Detector> factory) {
        return new RegisteredDetector(entry, factory);
    }

    private record RegisteredDetector(CatalogueEntry entry, Function<DetectorSettings, Detector> factory) {

        RegisteredDetector yieldsTo(CatalogueEntry... stronger) {
            Set<String> ids = Arrays.stream(stronger).map(CatalogueEntry::id).collect(Collectors.toSet());
            return new RegisteredDetector(entry.yieldsTo(ids), factory);
        }
    }
}
