package dev.gradwatch.recorded.rows;

import dev.gradwatch.recorded.names.Scalar.Part;
import java.util.Map;

/**
 * Numbers that a log wrote together.
 *
 * @param numbers by their names in the log, the place in the run among them
 * @param where the samples, where the row says so for all its numbers
 */
public record Row(Map<String, Double> numbers, Part where) {}
