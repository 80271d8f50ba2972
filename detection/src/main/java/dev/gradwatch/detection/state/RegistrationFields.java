package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.event.RunStarted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The stored form of a registration, without its layers: what matters of them stands in {@link Layers}. */
final class RegistrationFields {

    /**
     * Entries of a list at most: far above what the service writes, so that damaged bytes cannot allocate memory.
     */
    private static final int MANY = 4096;

    private static final RunStarted BLANK = RunStarted.builder().build();

    private RegistrationFields() {}

    static RunStarted exchange(Fields fields, RunStarted written) {
        if (!fields.flag(written != null)) {
            return null;
        }
        RunStarted r = written == null ? BLANK : written;
        return RunStarted.builder()
                .name(fields.text(r.name()))
                .project(fields.text(r.project()))
                .team(fields.text(r.team()))
                .cluster(fields.text(r.cluster()))
                .group(fields.text(r.group()))
                .profile(fields.text(r.profile()))
                .loss(fields.text(r.loss()))
                .outputActivation(fields.text(r.outputActivation()))
                .outputUnits(integer(fields, r.outputUnits()))
                .classes(integer(fields, r.classes()))
                .optimizer(fields.text(r.optimizer()))
                .learningRate(fields.numberOrNull(r.learningRate()))
                .warmupSteps(fields.varintOrNull(r.warmupSteps()))
                .clipThreshold(fields.numberOrNull(r.clipThreshold()))
                .batchSize(integer(fields, r.batchSize()))
                .stepsPerEpoch(fields.varintOrNull(r.stepsPerEpoch()))
                .plannedEpochs(integer(fields, r.plannedEpochs()))
                .plannedSteps(fields.varintOrNull(r.plannedSteps()))
                .baselineLoss(fields.numberOrNull(r.baselineLoss()))
                .resumed(fields.flag(r.resumed()))
                .pretrained(fields.flag(r.pretrained()))
                .lowerIsBetter(fields.texts(MANY, r.lowerIsBetter()))
                .stopOn(fields.texts(MANY, r.stopOn()))
                .tags(tags(fields, r.tags()))
                .build();
    }

    /** What came later to the stored form, behind all that its section held before. */
    static RunStarted exchangeMore(Fields fields, RunStarted known) {
        if (known == null || !fields.hasMore()) {
            return known;
        }
        return known.toBuilder()
                .findings(fields.texts(MANY, known.findings()))
                .epochNumbering(fields.text(known.epochNumbering()))
                .publisher(fields.text(known.publisher()))
                .build();
    }

    /** The registration as it is remembered. */
    static RunStarted withoutLayers(RunStarted r) {
        if (r.layers().isEmpty()) {
            return r;
        }
        return r.toBuilder().layers(List.of()).build();
    }

    private static Integer integer(Fields fields, Integer value) {
        Long stored = fields.varintOrNull(value == null ? null : value.longValue());
        return stored == null ? null : (Integer) stored.intValue();
    }

    /** In sorted order, so that equal states have equal bytes. */
    private static Map<String, String> tags(Fields fields, Map<String, String> written) {
        int count = fields.count(written.size(), MANY);
        Map<String, String> all = new LinkedHashMap<>();
        if (fields.reading()) {
            for (int i = 0; i < count; i++) {
                all.put(fields.requiredText(""), fields.requiredText(""));
            }
        } else {
            new TreeMap<>(written)
                    .forEach((key, value) -> all.put(fields.requiredText(key), fields.requiredText(value)));
        }
        return all;
    }
}
