package dev.gradwatch.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What happened in a sandbox between ready and end.
 *
 * @param found faulty runs with an alert that is more than a note
 * @param accused sound runs with such an alert
 * @param examples what became of the articles' examples, if they were started
 */
record SandboxReport(
        Duration length,
        FleetPublisher.Progress fleet,
        Tally.Counts alerts,
        long found,
        long accused,
        Optional<Examples.Report> examples,
        Path folder) {}
