package dev.gradwatch.detection.event;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Registration of a run or of a new attempt of it. Every field is optional ({@code null} or empty); units and ranges stand in the
 * schema {@code training-event.avsc}.
 *
 * @param layers the model's layers from input to output
 * @param lowerIsBetter names of metrics that are better when lower
 * @param stopOn detector ids that may recommend to stop this run; empty: none may
 * @param tags anything else that runs may share, such as node, commit, data_version
 * @param findings codes of what the publisher saw wrong by itself when training began, in the order in which it saw them
 * @param epochNumbering how the framework numbers epochs where people see them, {@code from-0} or {@code from-1}; else it says nothing
 * @param publisher who publishes, as stated beside the record; only the same one may change the registration
 */
public record RunStarted(
        String name,
        String project,
        String team,
        String cluster,
        String group,
        String profile,
        String loss,
        String outputActivation,
        Integer outputUnits,
        Integer classes,
        String optimizer,
        Double learningRate,
        Long warmupSteps,
        Double clipThreshold,
        Integer batchSize,
        Long stepsPerEpoch,
        Integer plannedEpochs,
        Long plannedSteps,
        Double baselineLoss,
        boolean resumed,
        boolean pretrained,
        List<LayerDescription> layers,
        List<String> lowerIsBetter,
        List<String> stopOn,
        Map<String, String> tags,
        List<String> findings,
        String epochNumbering,
        String publisher)
        implements RunEvent {

    /** One layer of the model; a layer that is frozen on purpose is never called dead. */
    public record LayerDescription(String name, Long parameters, boolean frozen) {}

    public RunStarted {
        layers = List.copyOf(layers);
        lowerIsBetter = List.copyOf(lowerIsBetter);
        stopOn = List.copyOf(stopOn);
        tags = Map.copyOf(tags);
        findings = List.copyOf(findings);
    }

    /** Whether a tag whose name contains {@code precision} says that the run computes in fp16, whose gradients overflow now and then. */
    public boolean isHalfPrecision() {
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            String value = tag.getValue().toLowerCase(Locale.ROOT);
            if (tag.getKey().toLowerCase(Locale.ROOT).contains("precision")
                    && value.contains("16")
                    && !value.contains("bf16")) {
                return true;
            }
        }
        return false;
    }

    /** A registration that says how far its log can be trusted to tell the end. */
    private static final String END_TAG = "end";

    private static final String UNANNOUNCED = "unannounced";

    /** Whether the run says when it ends, so that silence is a fault. Logs that are followed mostly just end. */
    public boolean announcesEnd() {
        return !UNANNOUNCED.equals(tags.get(END_TAG));
    }

    /** The same run, of which nobody will say when it ends. */
    public RunStarted withoutAnnouncedEnd() {
        Map<String, String> all = new HashMap<>(tags);
        all.putIfAbsent(END_TAG, UNANNOUNCED);
        return toBuilder().tags(all).build();
    }

    /** The loss of a uniform guess, ln(classes), where the loss is a cross-entropy over known classes; NaN otherwise. */
    public double chanceLoss() {
        return classes != null && classes >= 2 && isCrossEntropy() ? Math.log(classes) : Double.NaN;
    }

    /** Whether the loss is named as a cross-entropy. */
    public boolean isCrossEntropy() {
        return loss != null
                && loss.toLowerCase(Locale.ROOT)
                        .replace("_", "")
                        .replace("-", "")
                        .replace(" ", "")
                        .contains("crossentropy");
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with this registration. */
    public Builder toBuilder() {
        return new Builder()
                .name(name)
                .project(project)
                .team(team)
                .cluster(cluster)
                .group(group)
                .profile(profile)
                .loss(loss)
                .outputActivation(outputActivation)
                .outputUnits(outputUnits)
                .classes(classes)
                .optimizer(optimizer)
                .learningRate(learningRate)
                .warmupSteps(warmupSteps)
                .clipThreshold(clipThreshold)
                .batchSize(batchSize)
                .stepsPerEpoch(stepsPerEpoch)
                .plannedEpochs(plannedEpochs)
                .plannedSteps(plannedSteps)
                .baselineLoss(baselineLoss)
                .resumed(resumed)
                .pretrained(pretrained)
                .layers(layers)
                .lowerIsBetter(lowerIsBetter)
                .stopOn(stopOn)
                .tags(tags)
                .findings(findings)
                .epochNumbering(epochNumbering)
                .publisher(publisher);
    }

    /** Names the few fields that are known instead of counting commas. */
    public static final class Builder {
        private String name;
        private String project;
        private String team;
        private String cluster;
        private String group;
        private String profile;
        private String loss;
        private String outputActivation;
        private Integer outputUnits;
        private Integer classes;
        private String optimizer;
        private Double learningRate;
        private Long warmupSteps;
        private Double clipThreshold;
        private Integer batchSize;
        private Long stepsPerEpoch;
        private Integer plannedEpochs;
        private Long plannedSteps;
        private Double baselineLoss;
        private boolean resumed;
        private boolean pretrained;
        private List<LayerDescription> layers = List.of();
        private List<String> lowerIsBetter = List.of();
        private List<String> stopOn = List.of();
        private Map<String, String> tags = Map.of();
        private List<String> findings = List.of();
        private String epochNumbering;
        private String publisher;

        private Builder() {}

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder project(String value) {
            project = value;
            return this;
        }

        public Builder team(String value) {
            team = value;
            return this;
        }

        public Builder cluster(String value) {
            cluster = value;
            return this;
        }

        public Builder group(String value) {
            group = value;
            return this;
        }

        public Builder profile(String value) {
            profile = value;
            return this;
        }

        public Builder loss(String value) {
            loss = value;
            return this;
        }

        public Builder outputActivation(String value) {
            outputActivation = value;
            return this;
        }

        public Builder outputUnits(Integer value) {
            outputUnits = value;
            return this;
        }

        public Builder classes(Integer value) {
            classes = value;
            return this;
        }

        public Builder optimizer(String value) {
            optimizer = value;
            return this;
        }

        public Builder learningRate(Double value) {
            learningRate = value;
            return this;
        }

        public Builder warmupSteps(Long value) {
            warmupSteps = value;
            return this;
        }

        public Builder clipThreshold(Double value) {
            clipThreshold = value;
            return this;
        }

        public Builder batchSize(Integer value) {
            batchSize = value;
            return this;
        }

        public Builder stepsPerEpoch(Long value) {
            stepsPerEpoch = value;
            return this;
        }

        public Builder plannedEpochs(Integer value) {
            plannedEpochs = value;
            return this;
        }

        public Builder plannedSteps(Long value) {
            plannedSteps = value;
            return this;
        }

        public Builder baselineLoss(Double value) {
            baselineLoss = value;
            return this;
        }

        public Builder resumed(boolean value) {
            resumed = value;
            return this;
        }

        public Builder pretrained(boolean value) {
            pretrained = value;
            return this;
        }

        public Builder layers(List<LayerDescription> value) {
            layers = value;
            return this;
        }

        public Builder lowerIsBetter(List<String> value) {
            lowerIsBetter = value;
            return this;
        }

        public Builder stopOn(List<String> value) {
            stopOn = value;
            return this;
        }

        public Builder tags(Map<String, String> value) {
            tags = value;
            return this;
        }

        public Builder findings(List<String> value) {
            findings = value;
            return this;
        }

        public Builder epochNumbering(String value) {
            epochNumbering = value;
            return this;
        }

        public Builder publisher(String value) {
            publisher = value;
            return this;
        }

        public RunStarted build() {
            return new RunStarted(
                    name,
                    project,
                    team,
                    cluster,
                    group,
                    profile,
                    loss,
                    outputActivation,
                    outputUnits,
                    classes,
                    optimizer,
                    learningRate,
                    warmupSteps,
                    clipThreshold,
                    batchSize,
                    stepsPerEpoch,
                    plannedEpochs,
                    plannedSteps,
                    baselineLoss,
                    resumed,
                    pretrained,
                    layers,
                    lowerIsBetter,
                    stopOn,
                    tags,
                    findings,
                    epochNumbering,
                    publisher);
        }
    }
}
