package dev.gradwatch.detection.alert;

import java.util.List;

/**
 * One moment in the life of an alert. All moments of one alert share its id; the latest revision is the truth.
 *
 * @param id stable: computed from run, attempt, detector and opening
 * @param revision 1 when it opens, one more with every further moment
 * @param detector detector id
 * @param summary what was seen, in one or two plain sentences with the run's own numbers
 * @param updated where the run was at this moment
 * @param ended where the alert ended, {@code null} while it is open
 * @param symptoms other detectors that saw the same fault and stand behind this alert
 * @param causes most probable first
 * @param missingEvidence optional fields that would sharpen the diagnosis, and what for
 * @param stopRecommended whether a run-stopper may act on it
 * @param lastHealthyStep restart from a checkpoint before it; {@code null} when unknown
 * @param bestEpoch the epoch with the best validation loss so far; {@code null} when unknown
 */
public record Alert(
        String id,
        int revision,
        AlertState state,
        String runId,
        int attempt,
        String detector,
        Severity severity,
        String summary,
        Position opened,
        Position updated,
        Position ended,
        List<Evidence> evidence,
        List<String> symptoms,
        List<ProbableCause> causes,
        List<String> missingEvidence,
        boolean stopRecommended,
        Long lastHealthyStep,
        Double bestEpoch) {

    public Alert {
        evidence = List.copyOf(evidence);
        symptoms = List.copyOf(symptoms);
        causes = List.copyOf(causes);
        missingEvidence = List.copyOf(missingEvidence);
    }
}
