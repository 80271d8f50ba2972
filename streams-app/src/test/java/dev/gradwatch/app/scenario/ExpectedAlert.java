package dev.gradwatch.app.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.Severity;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A loud alert that somebody who trains models expects.
 *
 * @param severity the gravest that the alert reaches
 * @param steps first and last step at which it may open; empty: anywhere
 * @param epochs first and last epoch at which it may open; empty: anywhere
 * @param causes what may be named as the most probable cause in the end; empty: anything
 * @param healthyUntil no later step may be named as healthy, because a checkpoint from there would hold the fault
 */
record ExpectedAlert(
        String detector,
        int attempt,
        Severity severity,
        List<Double> steps,
        List<Double> epochs,
        List<String> causes,
        long healthyUntil) {

    static ExpectedAlert read(JsonNode node) {
        return new ExpectedAlert(
                node.required("detector").asText(),
                node.path("attempt").asInt(1),
                Severity.valueOf(node.required("severity").asText().toUpperCase(Locale.ROOT)),
                list(node.path("step")).map(JsonNode::asDouble).toList(),
                list(node.path("epoch")).map(JsonNode::asDouble).toList(),
                list(node.path("causes")).map(JsonNode::asText).toList(),
                node.path("healthy_until").asLong(Long.MAX_VALUE));
    }

    private static Stream<JsonNode> list(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }

    boolean isAbout(List<Alert> life) {
        Alert opened = life.get(0);
        return opened.getDetector().equals(detector) && opened.getAttempt() == attempt;
    }

    @Override
    public String toString() {
        return severity + " " + detector + " of attempt " + attempt + " (steps " + steps + ", epochs " + epochs + ")";
    }

    /** What is wrong with an alert, whose records come in order; {@code null}: nothing. */
    String problem(List<Alert> life) {
        Alert opened = life.get(0);
        Severity gravest = Scenario.gravest(life);
        if (gravest != severity) {
            return "became " + gravest + " instead of " + severity;
        }
        if (!isWithin(
                steps,
                opened.getOpenedStep() == null
                        ? null
                        : (Double) opened.getOpenedStep().doubleValue())) {
            return "opened at step " + opened.getOpenedStep() + ", not within " + steps;
        }
        if (!isWithin(epochs, opened.getOpenedEpoch())) {
            return "opened at epoch " + opened.getOpenedEpoch() + ", not within " + epochs;
        }
        Long healthy = opened.getLastHealthyStep();
        if (healthy != null && healthy > healthyUntil) {
            return "says that step " + healthy + " was healthy; only those up to " + healthyUntil + " were";
        }
        String cause = life.get(life.size() - 1).getCauses().get(0).getCode();
        return causes.isEmpty() || causes.contains(cause) ? null : "names " + cause + " first, not one of " + causes;
    }

    private static boolean isWithin(List<Double> bounds, Double at) {
        return bounds.isEmpty() || (at != null && at >= bounds.get(0) && at <= bounds.get(1));
    }
}
