package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.state.OpenAlert;
import dev.gradwatch.detection.state.RunState;
import java.util.List;
import java.util.Set;

/**
 * Names the probable causes of an alert from all that is known of the run: what its symptom and the others point to, weighed by
 * clues from settings, losses, gradients and validation. Every clue says in words what speaks for or against a cause. Runs only when an alert has something to
 * say. Stateless.
 */
public final class Diagnostician {

    /** What a symptom behind the alert adds, and what another open alert of the run does, next to the alert's own symptom. */
    private static final double SYMPTOM = 0.3;

    private static final double OTHER_ALERT = 0.15;

    /** Share of the start loss that must be gained before a checkpoint is worth anything. */
    private static final double WORTH_KEEPING = 0.05;

    private static final double CLEARLY_LEARNED = 0.3;

    /** A fault within these steps leaves nothing to go back to. */
    private static final int FIRST_STEPS = 20;

    private static final String NOTHING_LEARNED = "; nothing was learned, no checkpoint is worth keeping";

    private static final Set<String> OF_THE_MACHINE = Set.of("silent-run", "slow-steps");

    /** Symptoms after which training goes on from an earlier place, if at all. */
    private static final Set<String> RESTARTS =
            Set.of("non-finite-values", "zero-gradients", "dead-layers", "loss-divergence", "vanishing-gradients");

    /** Symptoms that say more of the data than of how the weights move. */
    private static final Set<String> OF_THE_DATA = Set.of(
            "overfitting",
            "no-generalization",
            "metric-plateau",
            "validation-mismatch",
            "majority-class-collapse",
            "suspicious-settings");

    /** Ranks causes for an alert of a detector, whose fault also showed in {@code symptoms}. */
    public List<ProbableCause> diagnose(RunState run, String detector, List<String> symptoms) {
        DiagnosisContext context = new DiagnosisContext(run, detector);
        CauseScores scores = new CauseScores();
        Symptoms.suggest(detector, run, scores, 1);
        if (OF_THE_MACHINE.contains(detector)) {
            return scores.ranked("");
        }
        for (String symptom : symptoms) {
            Symptoms.suggest(symptom, run, scores, SYMPTOM);
        }
        for (OpenAlert other : run.alerts().open()) {
            String id = other.last().detector();
            if (!id.equals(detector) && !symptoms.contains(id) && !OF_THE_MACHINE.contains(id)) {
                Symptoms.suggest(id, run, scores, OTHER_ALERT);
            }
        }
        SettingClues.weigh(context, scores);
        ValidationClues.weigh(context, scores);
        if (!OF_THE_DATA.contains(detector)) {
            // Losses last: what the first loss says may outweigh what came of it.
            GradientClues.weigh(context, scores);
            LossClues.weigh(context, scores);
        }
        return scores.ranked(advice(run, detector));
    }

    /** What a detector's symptom points to before anything else of the run is known, most probable first. */
    public List<ProbableCause> pointsTo(String detector) {
        CauseScores scores = new CauseScores();
        Symptoms.suggest(detector, new RunState(detector), scores, 1);
        return scores.ranked("");
    }

    /** Fields that would sharpen the diagnosis of a detector's alert, and what for. */
    public List<String> missing(RunState run, String detector) {
        return MissingEvidence.of(run, detector);
    }

    /** The last step to go back to, that of the lowest loss where the loss rose since, or {@code null}: nothing is worth going back to in a run that has learned nothing. */
    public Long lastHealthyStep(RunState run, String detector) {
        if (run.learned() < WORTH_KEEPING) {
            return null;
        }
        return switch (detector) {
            case "loss-divergence" -> run.progress().bestStep();
            case "dead-layers" -> before(run, run.layers().longestZeroRun());
            case "zero-gradients" -> before(run, run.norm().zeroRun());
            default -> run.progress().lastHealthyStep();
        };
    }

    /** The step before the newest {@code records}, of which a publisher may send only every tenth step. */
    private static Long before(RunState run, int records) {
        Long step = run.progress().step();
        long done = run.progress().stepsDone();
        if (step == null || done < 0 || run.norm().count() < 2) {
            return run.progress().lastHealthyStep();
        }
        return Math.max(
                step - done,
                step - Math.round((double) records * done / (run.norm().count() - 1)));
    }

    private String advice(RunState run, String detector) {
        if (detector.equals("frozen-updates")) {
            // Where it stands, not the best of many noisy levels.
            double gained = (run.loss().start() - run.loss().level())
                    / Math.abs(run.loss().start());
            return !(gained >= CLEARLY_LEARNED)
                    ? NOTHING_LEARNED
                    : "; nothing was damaged, training can go on from here";
        }
        if (detector.equals("non-finite-values")
                && run.progress().lastTrainLoss() != null
                && Double.isFinite(run.progress().lastTrainLoss())) {
            return "";
        }
        return RESTARTS.contains(detector) ? restart(run, detector) : "";
    }

    private String restart(RunState run, String detector) {
        Long step = lastHealthyStep(run, detector);
        if (step != null && run.progress().stepsSinceStart(step) < FIRST_STEPS) {
            return "; start again, there is nothing to go back to";
        }
        if (step != null) {
            return "; restart from a checkpoint before step " + step;
        }
        if (run.loss().size() > 0 && run.learned() < WORTH_KEEPING) {
            boolean resumed = run.registration() != null && run.registration().resumed();
            return resumed
                    ? "; this attempt has learned nothing: go back to the checkpoint that it began from"
                    : NOTHING_LEARNED;
        }
        return Double.isNaN(run.validation().bestEpoch())
                ? ""
                : "; the best epoch was " + NumberText.number(run.validation().bestEpoch());
    }
}
