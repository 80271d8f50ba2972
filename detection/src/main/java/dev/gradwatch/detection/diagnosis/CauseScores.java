package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.ProbableCause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects what speaks for and against each cause, and ranks them. */
final class CauseScores {

    /** A cause with less confidence than this is not named: 1 in 20 is as good as none to somebody who looks for a cause. */
    private static final double LEAST = 0.05;

    /** Causes that are named at most: nobody checks a fifth one. */
    private static final int MOST = 4;

    private static final class Score {
        private double weight;
        private final List<String> evidenceFor = new ArrayList<>();
        private final List<String> evidenceAgainst = new ArrayList<>();
        private String remedy;
    }

    private final DiagnosisWeights weights;
    private final Map<CauseCode, Score> scores = new EnumMap<>(CauseCode.class);

    CauseScores(DiagnosisWeights weights) {
        this.weights = weights;
    }

    /** Names a cause that the symptom points to. */
    void suggest(CauseCode cause, double weight) {
        of(cause).weight += weight;
    }

    /**
     * Evidence that holds in this run: adds to the weight of a cause, or doubts one that was suggested; evidence against a cause that nobody
     * suggested does nothing.
     */
    void weigh(DiagnosisEvidence evidence, CauseCode cause, String words) {
        EvidenceEffect effect = evidence.on(cause);
        double value = weights.of(evidence, effect);
        if (effect.supports()) {
            Score score = of(cause);
            score.weight += value;
            score.evidenceFor.add(words);
        } else if (scores.containsKey(cause)) {
            Score score = of(cause);
            score.weight *= value;
            score.evidenceAgainst.add(words);
        }
    }

    /** A remedy with the run's own numbers, should the cause be named at all. */
    void remedy(CauseCode cause, String words) {
        of(cause).remedy = words;
    }

    /** The causes, most probable first. */
    List<ProbableCause> ranked() {
        double sum = weights.unknownCauses();
        for (Score c : scores.values()) {
            sum += Math.max(0, c.weight);
        }
        List<ProbableCause> ranked = new ArrayList<>();
        for (Map.Entry<CauseCode, Score> entry : scores.entrySet()) {
            Score c = entry.getValue();
            if (c.weight / sum >= LEAST) {
                ranked.add(new ProbableCause(
                        entry.getKey().code(),
                        Math.rint(100 * c.weight / sum) / 100,
                        c.evidenceFor,
                        c.evidenceAgainst,
                        c.remedy == null ? entry.getKey().remedy() : c.remedy));
            }
        }
        ranked.sort(Comparator.comparingDouble(ProbableCause::confidence).reversed());
        if (ranked.isEmpty()) {
            CauseCode none = CauseCode.INSUFFICIENT_EVIDENCE;
            return List.of(new ProbableCause(none.code(), 0, List.of(), List.of(), none.remedy()));
        }
        return List.copyOf(ranked.subList(0, Math.min(MOST, ranked.size())));
    }

    private Score of(CauseCode cause) {
        return scores.computeIfAbsent(cause, ignored -> new Score());
    }
}
