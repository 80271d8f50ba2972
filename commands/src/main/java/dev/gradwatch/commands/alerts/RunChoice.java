package dev.gradwatch.commands.alerts;

import dev.gradwatch.detection.text.Sanitizer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which runs {@code --run} means: it takes an id or a name, and a name may be that of several runs. */
final class RunChoice {

    private static final int MOST_NAMED = 5;

    private final String wanted;
    private final Map<String, String> namesById = new TreeMap<>();

    RunChoice(String wanted) {
        this.wanted = wanted;
    }

    /** Learns of a run; {@code name} may be {@code null}. */
    void know(String id, String name) {
        if (name != null || !namesById.containsKey(id)) {
            namesById.put(id, name == null ? "" : name);
        }
    }

    /**
     * The ids that are meant: the one with this id, else all with this name.
     *
     * @throws IllegalStateException when there is none, saying how to find the right one
     */
    Set<String> ids() {
        if (namesById.containsKey(wanted)) {
            return Set.of(wanted);
        }
        Set<String> named = new TreeSet<>();
        namesById.forEach((id, name) -> {
            if (name.equals(wanted)) {
                named.add(id);
            }
        });
        if (named.isEmpty()) {
            throw new IllegalStateException("no run has the id or the name " + Sanitizer.quoted(wanted) + "; "
                    + (namesById.isEmpty() ? "there are no runs yet" : "'gradwatch runs' lists those there are"));
        }
        return named;
    }

    /** What to say when the name is that of several runs; {@code null} when it is not. */
    static String ambiguity(String wanted, Set<String> ids) {
        if (ids.size() < 2) {
            return null;
        }
        String first = String.join(", ", ids.stream().limit(MOST_NAMED).toList());
        String more = ids.size() > MOST_NAMED ? " and " + (ids.size() - MOST_NAMED) + " more" : "";
        return Sanitizer.quoted(wanted) + " is the name of " + ids.size() + " runs, and all of them are shown: " + first
                + more + "; --run with an id shows one";
    }
}
