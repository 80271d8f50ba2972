package dev.gradwatch.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gradwatch.detection.event.EventField;
import dev.gradwatch.detection.event.EventLimits;
import dev.gradwatch.detection.event.NumberRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The limits of an event stand in {@link EventLimits}; every copy of them is held against it. */
class EventContractTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String REWRITE =
            "mvn -pl wire -am package -Dtest=EventContractTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dgradwatch.docs.write=true";

    @Test
    void thePythonPublisherHasTheSameLimits() throws IOException {
        JsonNode copy = new ObjectMapper()
                .readTree(ROOT.resolve("publishers/python/src/gradwatch/limits.json")
                        .toFile());

        Map<String, Integer> sizes = Map.of(
                "run_id_length", EventLimits.RUN_ID_CHARACTERS,
                "text_length", EventLimits.TEXT_CHARACTERS,
                "steps", EventLimits.STEPS,
                "layers", EventLimits.LAYERS,
                "names", EventLimits.NAMES,
                "tags", EventLimits.TAGS,
                "metrics", EventLimits.METRICS);
        sizes.forEach((key, limit) -> assertThat(copy.path(key).asInt()).as(key).isEqualTo(limit));
        Map<String, NumberRange> ranges = new LinkedHashMap<>();
        ranges.put("accuracy", EventLimits.ACCURACY);
        ranges.put("zero_fraction", EventLimits.FRACTION);
        ranges.put("norm", EventLimits.MEASURED);
        ranges.put("step_rate", EventLimits.MEASURED);
        ranges.put("epoch", EventLimits.EPOCH);
        ranges.put("step", EventLimits.STEP);
        ranges.put("attempt", EventLimits.ATTEMPT);
        ranges.put("output_units", EventField.OUTPUT_UNITS.range());
        ranges.put("classes", EventField.CLASSES.range());
        ranges.put("learning_rate", EventField.BASE_LEARNING_RATE.range());
        ranges.put("warmup_steps", EventField.WARMUP_STEPS.range());
        ranges.put("clip_threshold", EventField.CLIP_THRESHOLD.range());
        ranges.put("batch_size", EventField.BATCH_SIZE.range());
        ranges.put("steps_per_epoch", EventField.STEPS_PER_EPOCH.range());
        ranges.put("planned_epochs", EventField.PLANNED_EPOCHS.range());
        ranges.put("planned_steps", EventField.PLANNED_STEPS.range());
        ranges.put("layer_parameters", EventField.LAYER_PARAMETERS.range());
        ranges.forEach((key, range) -> {
            double least = copy.path(key)
                    .path(range.excludesLeast() ? "above" : "least")
                    .asDouble(Double.NaN);
            assertThat(least).as(key).isEqualTo(range.least());
        });
        for (String key : new String[] {"accuracy", "zero_fraction", "step"}) {
            assertThat(copy.path(key).path("most").asDouble())
                    .as(key)
                    .isEqualTo(ranges.get(key).most());
        }
        assertThat(copy.fieldNames()).toIterable().allMatch(key -> sizes.containsKey(key) || ranges.containsKey(key));
    }

    @Test
    void theDocumentedLimitsAreCurrent() throws IOException {
        Path page = ROOT.resolve("docs/events.md");
        if (Boolean.getBoolean("gradwatch.docs.write")) {
            Files.writeString(page, markdown());
        }

        assertThat(Files.readString(page))
                .as("stale; write it again with: " + REWRITE)
                .isEqualTo(markdown());
    }

    private static String markdown() {
        StringBuilder page = new StringBuilder("""
                # What an event may be

                Made from the code by `EventContractTest`. Readers of records and of logs hold every event against these limits, and so do the
                publishers. A value that cannot be costs its field, and a text or list that is too long is cut; the rest of the event counts. What
                was left out is counted in `gradwatch_fields_ignored_total`, by field, and said in the run's status. Only what an event cannot do
                without makes it a dead letter: a run id, a place (step or epoch), steps in rising order. NaN and infinity in losses are data.

                Of a record on the topic, lists over their limit are refused while it is read (`too-many-steps`, `too-many-layers`,
                `too-many-entries`), before they take any memory; publishers and readers of logs cut them first.

                ## Sizes

                | What | At most |
                | --- | --- |
                """);
        Map<String, String> sizes = new LinkedHashMap<>();
        sizes.put("characters of a run id", "" + EventLimits.RUN_ID_CHARACTERS);
        sizes.put("characters of any other text or name", "" + EventLimits.TEXT_CHARACTERS);
        sizes.put("steps of an event", "" + EventLimits.STEPS);
        sizes.put("layers of a registration or a step", "" + EventLimits.LAYERS);
        sizes.put("layers of all steps of an event together", "" + EventLimits.LAYERS_OF_ALL_STEPS);
        sizes.put("names in `lower_is_better`, `stop_on`, `findings`", "" + EventLimits.NAMES);
        sizes.put("tags", "" + EventLimits.TAGS);
        sizes.put("metrics of an epoch or a step", "" + EventLimits.METRICS);
        sizes.put("attempts that one event may skip; more is `attempt-too-far`", "" + EventLimits.ATTEMPT_JUMP);
        sizes.put(
                "hours that an event's time may lie ahead of its record's; further ahead the record's is used",
                "" + EventLimits.AHEAD_MILLIS / 3_600_000);
        sizes.forEach((what, most) ->
                page.append("| ").append(what).append(" | ").append(most).append(" |\n"));
        page.append("\n## Numbers\n\n| Field | May be |\n| --- | --- |\n");
        for (EventField field : EventField.values()) {
            if (field.range() != null) {
                page.append("| `")
                        .append(field.label())
                        .append("` | ")
                        .append(field.range())
                        .append(" |\n");
            }
        }
        page.append("\n## Who may register a run\n\nA record may say who published it, in the header `")
                .append(TrainingEvents.PUBLISHER_HEADER)
                .append("""
                        ` (text, such as `team-vision/ci`). A run that was registered with
                        one may be registered anew only with the same; another registration is a dead letter (`other-publisher`). The header is as trustworthy
                        as the right to write to the topic. Without one, a registration that replaces another within an attempt is noted in the run's status.

                        ## Newer publishers

                        A later version of the schema may add fields, values of an enum and types of event. Fields that this version does not know are ignored,
                        values of an enum become its default, and records of an unknown type are left out, counted in `gradwatch_events_skipped_total` and logged
                        once for each schema. None of them is a dead letter.
                        """);
        return page.toString();
    }
}
