package dev.gradwatch.sandbox.examples;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A run that an example publishes, and what must be said about it.
 *
 * @param name what the script calls it; the publisher makes the run id of it and six characters of chance
 * @param detectors any of which must speak; none when nothing is wrong with the run
 */
public record ExpectedRun(String name, List<String> detectors) {

    private static final Pattern CHANCE = Pattern.compile("-[0-9a-z]{6}");

    public ExpectedRun {
        detectors = List.copyOf(detectors);
    }

    static ExpectedRun faulty(String name, String... detectors) {
        return new ExpectedRun(name, List.of(detectors));
    }

    static ExpectedRun sound(String name) {
        return new ExpectedRun(name, List.of());
    }

    public boolean isSound() {
        return detectors.isEmpty();
    }

    boolean hasId(String runId) {
        return runId.startsWith(name)
                && CHANCE.matcher(runId.substring(name.length())).matches();
    }
}
