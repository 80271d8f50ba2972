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

    /** Kept back for causes that nobody thought of, so that confidences add up to less than 1. */
    private static final double UNKNOWN = 0.15;

    private static final double LEAST = 0.05;
    private static final int MOST = 4;

    private static final class Case {
        private double weight;
        private final List<String> evidenceFor = new ArrayList<>();
        private final List<String> evidenceAgainst = new ArrayList<>();
        private String remedy;
    }

    private final Map<CauseCode, Case> cases = new EnumMap<>(CauseCode.class);

    /** Names a cause that the symptom points to. */
    void suggest(CauseCode cause, double weight) {
        of(cause).weight += weight;
    }

    /** Evidence for a cause, in words. */
    void support(CauseCode cause, double weight, String words) {
        Case c = of(cause);
        c.weight += weight;
        c.evidenceFor.add(words);
    }

    /** Evidence against a cause that was suggested; does nothing when it was not. */
    void doubt(CauseCode cause, double factor, String words) {
        Case c = cases.get(cause);
        if (c != null) {
            c.weight *= factor;
            c.evidenceAgainst.add(words);
        }
    }

    /** A remedy with the run's own numbers, should the cause be named at all. */
    void remedy(CauseCode cause, String words) {
        of(cause).remedy = words;
    }

    /** The causes, most probable first; {@code advice} ends the remedy of the first. */
    List<ProbableCause> ranked(String advice) {
        double sum = UNKNOWN;
        for (Case c : cases.values()) {
            sum += Math.max(0, c.weight);
        }
        List<ProbableCause> ranked = new ArrayList<>();
        for (Map.Entry<CauseCode, Case> entry : cases.entrySet()) {
            Case c = entry.getValue();
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
        ProbableCause first = ranked.get(0);
        ranked.set(
                0,
                new ProbableCause(
                        first.code(),
                        first.confidence(),
                        first.evidenceFor(),
                        first.evidenceAgainst(),
                        first.remedy() + advice));
        return List.copyOf(ranked.subList(0, Math.min(MOST, ranked.size())));
    }

    private Case of(CauseCode cause) {
        return cases.computeIfAbsent(cause, ignored -> new Case());
    }
}
