package dev.gradwatch.app.scenario;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** A recorded run while it is written: a header with what is expected of the run, then its records. */
final class RunFile {

    /** Enough for any rule, and short to read. */
    private static final MathContext DIGITS = new MathContext(5);

    private final String name;
    private final ObjectNode header = object();
    private final ObjectNode expected;
    private final ArrayNode alerts = JsonNodeFactory.instance.arrayNode();
    private final List<ObjectNode> lines = new ArrayList<>();

    private RunFile(String name, String scene) {
        this.name = name;
        header.put("trace", name);
        expected = header.putObject("expected");
        expected.put("scene", scene);
        expected.set("alerts", alerts);
    }

    /** A run that is called as its file, unless it says otherwise, and what goes on in it. */
    static RunFile of(String name, String scene) {
        return new RunFile(name, scene);
    }

    String name() {
        return name;
    }

    /** The run's own id. */
    RunFile id(String runId) {
        header.put("run_id", runId);
        return this;
    }

    /** What the run says of itself. */
    RunFile registered(String field, Object value) {
        put(header.withObject("run"), field, value);
        return this;
    }

    /** A loud alert that this run must raise; where, and why, follows. */
    RunFile expect(String detector, String severity) {
        ObjectNode alert = alerts.addObject();
        alert.put("detector", detector).put("severity", severity);
        return this;
    }

    /** The alert that was expected last is one of this attempt. */
    RunFile ofAttempt(int attempt) {
        lastAlert().put("attempt", attempt);
        return this;
    }

    /** The alert that was expected last opens between these steps. */
    RunFile atStep(long first, long last) {
        lastAlert().putArray("step").add(first).add(last);
        return this;
    }

    /** The alert that was expected last opens between these epochs. */
    RunFile atEpoch(double first, double last) {
        put(lastAlert(), "epoch", List.of(first, last));
        return this;
    }

    /** The alert that was expected last names one of these causes first. */
    RunFile because(String... causes) {
        put(lastAlert(), "causes", List.of(causes));
        return this;
    }

    /** The alert that was expected last names no later step than this as healthy. */
    RunFile healthyUntil(long step) {
        lastAlert().put("healthy_until", step);
        return this;
    }

    private ObjectNode lastAlert() {
        return (ObjectNode) alerts.get(alerts.size() - 1);
    }

    /** Another detector that may speak of the same fault, once, first or as well. */
    RunFile also(String detector) {
        expected.withArray("also").add(detector);
        return this;
    }

    /** What is not as it should be yet: the file goes to the open questions, which no test reads. */
    RunFile question(String text) {
        expected.put("question", text);
        return this;
    }

    boolean isOpenQuestion() {
        return expected.has("question");
    }

    RunFile step(long step) {
        return line("step", "step", step);
    }

    RunFile epoch(double epoch) {
        return line("epoch", "epoch", epoch);
    }

    /** An evaluation that knows its step alone. */
    RunFile evaluation(long step) {
        return line("epoch", "step", step);
    }

    /** A field of the last record. */
    RunFile with(String field, Object value) {
        put(lines.get(lines.size() - 1), field, value);
        return this;
    }

    RunFile finished(String outcome) {
        return line("finished", "outcome", outcome);
    }

    /** The file's text. */
    String text() {
        StringBuilder text = new StringBuilder().append(header).append('\n');
        lines.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    /** An object within a record: name, value, name, value. */
    static ObjectNode object(Object... fields) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < fields.length; i += 2) {
            put(object, (String) fields[i], fields[i + 1]);
        }
        return object;
    }

    private RunFile line(String type, String key, Object value) {
        ObjectNode line = object();
        line.put("type", type);
        put(line, key, value);
        lines.add(line);
        return this;
    }

    private static void put(ObjectNode into, String key, Object value) {
        if (value instanceof Double number) {
            if (Double.isFinite(number)) {
                into.put(key, new BigDecimal(number).round(DIGITS).stripTrailingZeros());
            } else {
                into.put(key, number.toString());
            }
        } else if (value instanceof List<?> list) {
            ArrayNode nested = into.putArray(key);
            list.forEach(nested::addPOJO);
        } else {
            into.putPOJO(key, value);
        }
    }
}
