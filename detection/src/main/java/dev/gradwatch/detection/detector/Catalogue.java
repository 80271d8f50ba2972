package dev.gradwatch.detection.detector;

import java.util.List;
import java.util.function.Function;

/** Every detector, in the order in which they examine an event. Adding one is one line here. */
public final class Catalogue {

    private record Registration(CatalogueEntry entry, Function<DetectorSettings, Detector> factory) {}

    private static final List<Registration> REGISTRATIONS = List.of(
            new Registration(SuspiciousSettingsDetector.ENTRY, SuspiciousSettingsDetector::new),
            new Registration(NonFiniteValuesDetector.ENTRY, NonFiniteValuesDetector::new),
            new Registration(MajorityClassCollapseDetector.ENTRY, MajorityClassCollapseDetector::new),
            new Registration(ConstantMetricsDetector.ENTRY, ConstantMetricsDetector::new),
            new Registration(ZeroGradientsDetector.ENTRY, ZeroGradientsDetector::new),
            new Registration(DeadLayersDetector.ENTRY, DeadLayersDetector::new),
            new Registration(FrozenUpdatesDetector.ENTRY, FrozenUpdatesDetector::new),
            new Registration(UnexpectedInitialLossDetector.ENTRY, UnexpectedInitialLossDetector::new),
            new Registration(LossSpikeDetector.ENTRY, LossSpikeDetector::new),
            new Registration(ExplodingGradientsDetector.ENTRY, ExplodingGradientsDetector::new),
            new Registration(VanishingGradientsDetector.ENTRY, VanishingGradientsDetector::new),
            new Registration(LossDivergenceDetector.ENTRY, LossDivergenceDetector::new),
            new Registration(LossPlateauDetector.ENTRY, LossPlateauDetector::new),
            new Registration(OverfittingDetector.ENTRY, OverfittingDetector::new),
            new Registration(NoGeneralizationDetector.ENTRY, NoGeneralizationDetector::new),
            new Registration(OscillatingLossDetector.ENTRY, OscillatingLossDetector::new),
            new Registration(SlowConvergenceDetector.ENTRY, SlowConvergenceDetector::new),
            new Registration(MetricPlateauDetector.ENTRY, MetricPlateauDetector::new),
            new Registration(ValidationMismatchDetector.ENTRY, ValidationMismatchDetector::new),
            new Registration(OversizedUpdatesDetector.ENTRY, OversizedUpdatesDetector::new),
            new Registration(SlowStepsDetector.ENTRY, SlowStepsDetector::new),
            new Registration(SilentRunDetector.ENTRY, SilentRunDetector::new));

    private static final List<CatalogueEntry> ENTRIES =
            REGISTRATIONS.stream().map(Registration::entry).toList();

    private Catalogue() {}

    /** What people may know of each detector. */
    public static List<CatalogueEntry> entries() {
        return ENTRIES;
    }

    /** One of each, with the given parameters, in the order of {@link #entries}. */
    public static List<Detector> detectors(DetectorSettings settings) {
        return REGISTRATIONS.stream()
                .map(registration -> registration.factory().apply(settings))
                .toList();
    }
}
