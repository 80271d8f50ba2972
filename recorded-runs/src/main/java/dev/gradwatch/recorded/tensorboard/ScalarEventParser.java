package dev.gradwatch.recorded.tensorboard;

import dev.gradwatch.recorded.log.MalformedLogException;
import dev.gradwatch.recorded.protobuf.ProtoFields;
import dev.gradwatch.recorded.scalars.ScalarEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one event of an event file, with its scalars alone: those in the field {@code simple_value} and those that current TensorFlow writes as
 * tensors of one number. Histograms, images and texts are left out.
 */
final class ScalarEventParser {

    private static final int FLOAT = 1;
    private static final int DOUBLE = 2;
    private static final int INT32 = 3;
    private static final int INT64 = 9;
    private static final int BFLOAT16 = 14;
    private static final int HALF = 19;

    private ScalarEventParser() {}

    static ScalarEvent parse(ByteBuffer message) throws MalformedLogException {
        double wallTime = 0;
        long step = 0;
        List<ScalarEvent.Value> values = List.of();
        ProtoFields event = new ProtoFields(message);
        while (event.next()) {
            if (event.is(1, ProtoFields.FIXED64)) {
                wallTime = event.fixed64();
            } else if (event.is(2, ProtoFields.VARINT)) {
                step = event.varint();
            } else if (event.is(5, ProtoFields.BYTES)) {
                values = summary(event.bytes());
            } else {
                event.skip();
            }
        }
        return new ScalarEvent(wallTime, step, values);
    }

    private static List<ScalarEvent.Value> summary(ByteBuffer message) throws MalformedLogException {
        List<ScalarEvent.Value> values = new ArrayList<>(1);
        ProtoFields summary = new ProtoFields(message);
        while (summary.next()) {
            if (summary.is(1, ProtoFields.BYTES)) {
                ScalarEvent.Value value = value(summary.bytes());
                if (value != null) {
                    values.add(value);
                }
            } else {
                summary.skip();
            }
        }
        return values;
    }

    private static ScalarEvent.Value value(ByteBuffer message) throws MalformedLogException {
        String tag = null;
        Double number = null;
        String plugin = "";
        ProtoFields value = new ProtoFields(message);
        while (value.next()) {
            if (value.is(1, ProtoFields.BYTES)) {
                tag = value.text();
            } else if (value.is(2, ProtoFields.FIXED32)) {
                number = plain(value.fixed32());
            } else if (value.is(8, ProtoFields.BYTES)) {
                number = tensor(value.bytes());
            } else if (value.is(9, ProtoFields.BYTES)) {
                plugin = plugin(value.bytes());
            } else {
                value.skip();
            }
        }
        boolean scalar = plugin.isEmpty() || plugin.equals("scalars");
        return tag == null || number == null || !scalar ? null : new ScalarEvent.Value(tag, number);
    }

    private static String plugin(ByteBuffer metadata) throws MalformedLogException {
        ProtoFields fields = new ProtoFields(metadata);
        while (fields.next()) {
            if (fields.is(1, ProtoFields.BYTES)) {
                ProtoFields plugin = new ProtoFields(fields.bytes());
                while (plugin.next()) {
                    if (plugin.is(1, ProtoFields.BYTES)) {
                        return plugin.text();
                    }
                    plugin.skip();
                }
            } else {
                fields.skip();
            }
        }
        return "";
    }

    /** The number of a tensor that has exactly one. */
    private static Double tensor(ByteBuffer message) throws MalformedLogException {
        int type = 0;
        ByteBuffer content = null;
        Double listed = null;
        ProtoFields tensor = new ProtoFields(message);
        while (tensor.next()) {
            if (tensor.is(1, ProtoFields.VARINT)) {
                type = (int) tensor.varint();
            } else if (tensor.is(4, ProtoFields.BYTES)) {
                content = tensor.bytes();
            } else if (isListOfNumbers(tensor.number())) {
                listed = listed(tensor);
            } else {
                tensor.skip();
            }
        }
        return content != null && content.hasRemaining() ? fromContent(type, content) : listed;
    }

    private static boolean isListOfNumbers(int field) {
        return field == 5 || field == 6 || field == 7 || field == 10;
    }

    /** Float, double, int and int64 values may come packed or one by one. */
    private static Double listed(ProtoFields tensor) throws MalformedLogException {
        int field = tensor.number();
        switch (tensor.type()) {
            case ProtoFields.FIXED32 -> {
                return plain(tensor.fixed32());
            }
            case ProtoFields.FIXED64 -> {
                return tensor.fixed64();
            }
            case ProtoFields.VARINT -> {
                return (double) tensor.varint();
            }
            case ProtoFields.BYTES -> {
                ByteBuffer packed = tensor.bytes();
                if (field == 5) {
                    return packed.remaining() == Float.BYTES ? (Double) plain(packed.getFloat()) : null;
                }
                if (field == 6) {
                    return packed.remaining() == Double.BYTES ? (Double) packed.getDouble() : null;
                }
                ProtoFields numbers = new ProtoFields(packed);
                long only = numbers.varint();
                return packed.hasRemaining() ? null : (Double) (double) only;
            }
            default -> {
                tensor.skip();
                return null;
            }
        }
    }

    private static Double fromContent(int type, ByteBuffer content) {
        ByteBuffer little = content.order(ByteOrder.LITTLE_ENDIAN);
        return switch (type) {
            case FLOAT -> little.remaining() == Float.BYTES ? (Double) plain(little.getFloat()) : null;
            case DOUBLE -> little.remaining() == Double.BYTES ? (Double) little.getDouble() : null;
            case INT32 -> little.remaining() == Integer.BYTES ? (Double) (double) little.getInt() : null;
            case INT64 -> little.remaining() == Long.BYTES ? (Double) (double) little.getLong() : null;
            case BFLOAT16 ->
                little.remaining() == Short.BYTES
                        ? (Double) plain(Float.intBitsToFloat(little.getShort() << 16))
                        : null;
            case HALF -> little.remaining() == Short.BYTES ? (Double) half(little.getShort()) : null;
            default -> null;
        };
    }

    /** As a person would write the single-precision number: 0.001 and not 0.0010000000474974513. */
    private static double plain(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static double half(short bits) {
        int exponent = (bits >>> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        double size = exponent == 0
                ? fraction * 0x1p-24
                : exponent == 0x1f
                        ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : (1 + fraction * 0x1p-10) * Math.scalb(1.0, exponent - 15);
        return bits < 0 ? -size : size;
    }
}
