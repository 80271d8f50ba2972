package dev.gradwatch.recorded.wandb;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gradwatch.detection.event.RunFinished;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.recorded.log.LogPosition;
import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.names.Scalar.Part;
import dev.gradwatch.recorded.protobuf.ProtoFields;
import dev.gradwatch.recorded.rows.Row;
import dev.gradwatch.recorded.rows.RowReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The history of a {@code .wandb} file, row by row, and what its configuration and its end say of the run. */
final class WandbRows implements RowReader {

    // Numbers of fields in the messages that the file consists of.
    private static final int HISTORY = 2;
    private static final int CONFIG = 5;
    private static final int RUN = 17;
    private static final int EXIT = 18;
    private static final int ITEM = 1;
    private static final int HISTORY_STEP = 2;
    private static final int CONFIG_OF_RUN = 4;
    private static final int KEY = 1;
    private static final int NESTED_KEY = 2;
    private static final int VALUE_JSON = 16;

    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build()
            .reader();

    private final WandbRecordReader records;
    private final boolean growing;
    private final Map<String, Double> config = new HashMap<>();
    private RunFinished finished;

    WandbRows(InputStream content, LogPosition from, boolean growing) throws IOException {
        this.records = new WandbRecordReader(content, from.offset());
        this.growing = growing;
    }

    @Override
    public Row next() throws IOException, MalformedLogException {
        try {
            for (ByteBuffer record = records.next(); record != null; record = records.next()) {
                Row row = read(new ProtoFields(record));
                if (row != null) {
                    return row;
                }
            }
            return null;
        } catch (EOFException e) {
            if (growing) {
                return null;
            }
            MalformedLogException told = MalformedLogException.cutOff(
                    "the file ends in the middle of the record at byte " + records.offset(), null);
            told.initCause(e);
            throw told;
        }
    }

    @Override
    public LogPosition position() {
        return new LogPosition(records.offset(), 0, false, null);
    }

    @Override
    public long line() {
        return 0;
    }

    @Override
    public RunFinished finished() {
        return finished;
    }

    @Override
    public void describe(RunStarted.Builder run) {
        config.forEach((key, value) -> {
            switch (key) {
                case "learning_rate", "lr" -> {
                    if (value > 0 && Double.isFinite(value)) {
                        run.learningRate(value);
                    }
                }
                case "epochs", "num_epochs", "max_epochs", "num_train_epochs" -> {
                    if (isCount(value)) {
                        run.plannedEpochs(value.intValue());
                    }
                }
                case "max_steps", "total_steps", "num_steps" -> {
                    if (isCount(value)) {
                        run.plannedSteps(value.longValue());
                    }
                }
                case "batch_size" -> {
                    if (isCount(value)) {
                        run.batchSize(value.intValue());
                    }
                }
                default -> {}
            }
        });
    }

    @Override
    public void close() throws IOException {
        records.close();
    }

    private static boolean isCount(double value) {
        return value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value);
    }

    private Row read(ProtoFields record) throws MalformedLogException {
        Row row = null;
        while (record.next()) {
            if (record.is(HISTORY, ProtoFields.BYTES)) {
                row = history(new ProtoFields(record.bytes()));
            } else if (record.is(CONFIG, ProtoFields.BYTES)) {
                items(new ProtoFields(record.bytes()), config);
            } else if (record.is(RUN, ProtoFields.BYTES)) {
                run(new ProtoFields(record.bytes()));
            } else if (record.is(EXIT, ProtoFields.BYTES)) {
                exit(new ProtoFields(record.bytes()));
            } else {
                record.skip();
            }
        }
        return row;
    }

    private static Row history(ProtoFields history) throws MalformedLogException {
        Map<String, Double> numbers = new LinkedHashMap<>();
        Double step = null;
        while (history.next()) {
            if (history.is(ITEM, ProtoFields.BYTES)) {
                item(new ProtoFields(history.bytes()), numbers);
            } else if (history.is(HISTORY_STEP, ProtoFields.BYTES)) {
                step = 0.0;
                ProtoFields fields = new ProtoFields(history.bytes());
                while (fields.next()) {
                    if (fields.is(1, ProtoFields.VARINT)) {
                        step = (double) fields.varint();
                    } else {
                        fields.skip();
                    }
                }
            } else {
                history.skip();
            }
        }
        if (step != null) {
            numbers.putIfAbsent("_step", step);
        }
        return new Row(numbers, Part.UNSAID);
    }

    private void run(ProtoFields run) throws MalformedLogException {
        while (run.next()) {
            if (run.is(CONFIG_OF_RUN, ProtoFields.BYTES)) {
                items(new ProtoFields(run.bytes()), config);
            } else {
                run.skip();
            }
        }
    }

    private void exit(ProtoFields exit) throws MalformedLogException {
        long code = 0;
        while (exit.next()) {
            if (exit.is(1, ProtoFields.VARINT)) {
                code = exit.varint();
            } else {
                exit.skip();
            }
        }
        finished = code == 0
                ? new RunFinished(RunFinished.Outcome.COMPLETED, null)
                : new RunFinished(RunFinished.Outcome.FAILED, "exit code " + code);
    }

    private static void items(ProtoFields message, Map<String, Double> into) throws MalformedLogException {
        while (message.next()) {
            if (message.is(ITEM, ProtoFields.BYTES)) {
                item(new ProtoFields(message.bytes()), into);
            } else {
                message.skip();
            }
        }
    }

    private static void item(ProtoFields item, Map<String, Double> into) throws MalformedLogException {
        String key = "";
        StringBuilder nested = new StringBuilder();
        String json = "";
        while (item.next()) {
            if (item.is(KEY, ProtoFields.BYTES)) {
                key = item.text();
            } else if (item.is(NESTED_KEY, ProtoFields.BYTES)) {
                nested.append(nested.isEmpty() ? "" : "/").append(item.text());
            } else if (item.is(VALUE_JSON, ProtoFields.BYTES)) {
                json = item.text();
            } else {
                item.skip();
            }
        }
        put(key.isEmpty() ? nested.toString() : key, json, into);
    }

    private static void put(String name, String json, Map<String, Double> into) {
        try {
            JsonNode value = JSON.readTree(json);
            if (value != null && value.isNumber()) {
                into.put(name, value.doubleValue());
            } else if (value != null && value.isTextual()) {
                Double special = switch (value.textValue().toLowerCase(Locale.ROOT)) {
                    case "nan" -> (Double) Double.NaN;
                    case "infinity", "inf" -> (Double) Double.POSITIVE_INFINITY;
                    case "-infinity", "-inf" -> (Double) Double.NEGATIVE_INFINITY;
                    default -> null;
                };
                if (special != null) {
                    into.put(name, special);
                }
            } else if (value != null && value.path("value").isNumber()) {
                into.put(name, value.path("value").doubleValue());
            }
        } catch (JsonProcessingException e) {
            // Of another type than a number, or damaged; the other numbers of the row stand for themselves.
        }
    }
}
