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
 * @param lastHealthyStep a checkpoint of this step or before is sound; the step of {@code recovery} where that has one
 * @param bestEpoch the epoch with the best validation loss so far; {@code null} when unknown
 * @param recovery how training goes on
 * @param supersededBy the id of the alert that took over; {@code null} unless the state is {@link AlertState#SUPERSEDED}
 * @param supersedes ids of the alerts that this one took over
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
        Double bestEpoch,
        Recovery recovery,
        String supersededBy,
        List<String> supersedes) {

    public Alert {
        evidence = List.copyOf(evidence);
        symptoms = List.copyOf(symptoms);
        causes = List.copyOf(causes);
        missingEvidence = List.copyOf(missingEvidence);
        supersedes = List.copyOf(supersedes);
    }

    /** The next record of this alert, which begins as this one with its revision one higher. */
    public Next next(AlertState newState, Position at) {
        return new Next(this, newState, at);
    }

    /** The same record with what is stored apart from the rest of it. */
    public Alert restored(Recovery storedRecovery, List<String> storedSupersedes) {
        return new Alert(
                id,
                revision,
                state,
                runId,
                attempt,
                detector,
                severity,
                summary,
                opened,
                updated,
                ended,
                evidence,
                symptoms,
                causes,
                missingEvidence,
                stopRecommended,
                lastHealthyStep,
                bestEpoch,
                storedRecovery,
                supersededBy,
                storedSupersedes);
    }

    /** Says what changes from one record of an alert to the next. */
    public static final class Next {
        private final Alert last;
        private final AlertState state;
        private final Position updated;
        private Position ended;
        private Severity severity;
        private String summary;
        private List<Evidence> evidence;
        private List<String> symptoms;
        private List<ProbableCause> causes;
        private List<String> missingEvidence;
        private boolean stopRecommended;
        private Long lastHealthyStep;
        private Double bestEpoch;
        private Recovery recovery;
        private String supersededBy;
        private List<String> supersedes;

        private Next(Alert last, AlertState state, Position updated) {
            this.last = last;
            this.state = state;
            this.updated = updated;
            severity = last.severity;
            summary = last.summary;
            evidence = last.evidence;
            symptoms = last.symptoms;
            causes = last.causes;
            missingEvidence = last.missingEvidence;
            stopRecommended = last.stopRecommended;
            lastHealthyStep = last.lastHealthyStep;
            bestEpoch = last.bestEpoch;
            recovery = last.recovery;
            supersedes = last.supersedes;
        }

        /** It ends here. */
        public Next ended() {
            ended = updated;
            stopRecommended = false;
            return this;
        }

        public Next severity(Severity value) {
            severity = value;
            return this;
        }

        public Next message(String newSummary, List<Evidence> newEvidence) {
            summary = newSummary;
            evidence = newEvidence;
            return this;
        }

        public Next symptoms(List<String> value) {
            symptoms = value;
            return this;
        }

        public Next diagnosis(List<ProbableCause> newCauses, List<String> newMissingEvidence) {
            causes = newCauses;
            missingEvidence = newMissingEvidence;
            return this;
        }

        public Next stopRecommended(boolean value) {
            stopRecommended = value;
            return this;
        }

        /** How training goes on, with the places to go back to. */
        public Next recovery(Recovery newRecovery, Long newLastHealthyStep, Double newBestEpoch) {
            recovery = newRecovery;
            lastHealthyStep = newLastHealthyStep;
            bestEpoch = newBestEpoch;
            return this;
        }

        public Next supersededBy(String id) {
            supersededBy = id;
            return this;
        }

        public Next supersedes(List<String> ids) {
            supersedes = ids;
            return this;
        }

        public Alert build() {
            return new Alert(
                    last.id,
                    last.revision + 1,
                    state,
                    last.runId,
                    last.attempt,
                    last.detector,
                    severity,
                    summary,
                    last.opened,
                    updated,
                    ended,
                    evidence,
                    symptoms,
                    causes,
                    missingEvidence,
                    stopRecommended,
                    lastHealthyStep,
                    bestEpoch,
                    recovery,
                    supersededBy,
                    supersedes);
        }
    }
}
