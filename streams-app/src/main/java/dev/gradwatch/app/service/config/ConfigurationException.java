package dev.gradwatch.app.service.config;

import java.util.List;

/** The configuration cannot be used. Lists everything that is wrong with it at once; no problem shows a secret. */
public final class ConfigurationException extends RuntimeException {

    private final transient List<String> problems;

    public ConfigurationException(List<String> problems) {
        super("The configuration has " + (problems.size() == 1 ? "a problem:" : problems.size() + " problems:")
                + "\n  - " + String.join("\n  - ", problems));
        this.problems = List.copyOf(problems);
    }

    /** One sentence each. */
    public List<String> problems() {
        return problems;
    }
}
