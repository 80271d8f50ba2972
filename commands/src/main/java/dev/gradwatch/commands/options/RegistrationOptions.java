package dev.gradwatch.commands.options;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.detection.event.RunStarted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What a registration may say that logs do not. What a log says itself stands. */
@Command
public final class RegistrationOptions {

    /** What a run is called. */
    enum NameFrom {
        PATH,
        FOLDER,
        FILE
    }

    @Option(names = "--project", paramLabel = "NAME", description = "The project that the runs belong to.")
    private String project;

    @Option(names = "--team", paramLabel = "NAME", description = "Who is told about them.")
    private String team;

    @Option(names = "--cluster", paramLabel = "NAME", description = "Where they run.")
    private String cluster;

    @Option(names = "--group", paramLabel = "NAME", description = "Siblings that are comparable epoch by epoch.")
    private String group;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "supervised, language-model, adversarial or reinforcement.")
    private String profile;

    @Option(names = "--loss", paramLabel = "NAME", description = "Loss function, such as crossentropy or mse.")
    private String loss;

    @Option(names = "--classes", paramLabel = "N", description = "Classes of a classification.")
    private Integer classes;

    @Option(names = "--optimizer", paramLabel = "NAME", description = "Optimizer, such as adamw or sgd.")
    private String optimizer;

    @Option(names = "--learning-rate", paramLabel = "X", description = "The configured base learning rate.")
    private Double learningRate;

    @Option(names = "--planned-epochs", paramLabel = "N", description = "Epochs that a run is meant to last.")
    private Integer plannedEpochs;

    @Option(names = "--planned-steps", paramLabel = "N", description = "Optimizer steps that a run is meant to last.")
    private Long plannedSteps;

    @Option(names = "--pretrained", description = "The weights come from another run.")
    private boolean pretrained;

    @Option(
            names = "--tag",
            paramLabel = "KEY=VALUE",
            description = "Anything else that they share, such as node=n17. May be repeated.")
    private Map<String, String> tags = new LinkedHashMap<>();

    @Option(
            names = "--stop-on",
            paramLabel = "DETECTOR",
            split = ",",
            description = "Detectors that may recommend to stop a run.")
    private List<String> stopOn = new ArrayList<>();

    @Option(
            names = "--name-from",
            paramLabel = "WHAT",
            defaultValue = "path",
            description = "What people call a run: its path, its folder or its file. Default: ${DEFAULT-VALUE}.")
    private NameFrom nameFrom = NameFrom.PATH;

    /**
     * Refuses values that cannot be.
     *
     * @throws ParameterException naming the first of them
     */
    public void check(CommandSpec spec) {
        String fault = fault();
        if (fault != null) {
            throw new ParameterException(spec.commandLine(), fault);
        }
    }

    private String fault() {
        if (classes != null && classes < 2) {
            return "--classes " + classes + ": must be 2 or more";
        }
        if (learningRate != null && !(learningRate > 0 && Double.isFinite(learningRate))) {
            return "--learning-rate " + learningRate + ": must be above 0";
        }
        if (plannedSteps != null && plannedSteps < 1) {
            return "--planned-steps " + plannedSteps + ": must be 1 or more";
        }
        return plannedEpochs != null && plannedEpochs < 1
                ? "--planned-epochs " + plannedEpochs + ": must be 1 or more"
                : null;
    }

    /** The record as it is, or, for a registration, with what the options say beside it. */
    public RunRecord complete(Path place, RunRecord record) {
        return record != null && record.event() instanceof RunStarted said
                ? new RunRecord(
                        record.runId(), record.attempt(), record.timeMillis(), complete(place, said), record.ignored())
                : record;
    }

    /** What the log says, and where it says nothing what the options say. */
    public RunStarted complete(Path place, RunStarted said) {
        Map<String, String> all = new LinkedHashMap<>(tags);
        all.putAll(said.tags());
        return said.toBuilder()
                .name(first(said.name(), name(place)))
                .project(first(said.project(), project))
                .team(first(said.team(), team))
                .cluster(first(said.cluster(), cluster))
                .group(first(said.group(), group))
                .profile(first(said.profile(), profile))
                .loss(first(said.loss(), loss))
                .classes(first(said.classes(), classes))
                .optimizer(first(said.optimizer(), optimizer))
                .learningRate(first(said.learningRate(), learningRate))
                .plannedEpochs(first(said.plannedEpochs(), plannedEpochs))
                .plannedSteps(first(said.plannedSteps(), plannedSteps))
                .pretrained(said.pretrained() || pretrained)
                .stopOn(said.stopOn().isEmpty() ? stopOn : said.stopOn())
                .tags(all)
                .build();
    }

    /** {@code null} leaves it to the run's id, which is its path. */
    private String name(Path place) {
        Path absolute = place.toAbsolutePath().normalize();
        return switch (nameFrom) {
            case PATH -> null;
            case FILE -> String.valueOf(absolute.getFileName());
            case FOLDER ->
                absolute.getParent() == null
                        ? null
                        : String.valueOf(absolute.getParent().getFileName());
        };
    }

    private static <T> T first(T one, T other) {
        return one == null ? other : one;
    }
}
