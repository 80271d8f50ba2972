package dev.gradwatch.recorded;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Walks through the fields of one protobuf message, as far as event files need it. */
final class ProtoFields {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private final ByteBuffer in;
    private int number;
    private int type;

    ProtoFields(ByteBuffer in) {
        this.in = in;
    }

    /** Moves to the next field; its value must then be read or skipped. */
    boolean next() throws MalformedLineException {
        if (!in.hasRemaining()) {
            return false;
        }
        long key = varint();
        number = (int) (key >>> 3);
        type = (int) (key & 7);
        return true;
    }

    /** Whether the field is this one, of this wire type. */
    boolean is(int wantedNumber, int wantedType) {
        return number == wantedNumber && type == wantedType;
    }

    int number() {
        return number;
    }

    int type() {
        return type;
    }

    long varint() throws MalformedLineException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = one();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedLineException("a number has more than ten bytes", null);
    }

    double fixed64() throws MalformedLineException {
        need(Double.BYTES);
        return in.getDouble();
    }

    float fixed32() throws MalformedLineException {
        need(Float.BYTES);
        return in.getFloat();
    }

    ByteBuffer bytes() throws MalformedLineException {
        long length = varint();
        if (length < 0 || length > in.remaining()) {
            throw new MalformedLineException("a field is longer than its message", Long.toString(length));
        }
        ByteBuffer part = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) length);
        return part;
    }

    String text() throws MalformedLineException {
        return StandardCharsets.UTF_8.decode(bytes()).toString();
    }

    void skip() throws MalformedLineException {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> fixed64();
            case BYTES -> bytes();
            case FIXED32 -> fixed32();
            default -> throw new MalformedLineException("an unknown type of field", Integer.toString(type));
        }
    }

    private byte one() throws MalformedLineException {
        need(1);
        return in.get();
    }

    private void need(int count) throws MalformedLineException {
        if (in.remaining() < count) {
            MalformedLineException e = new MalformedLineException("a message ends too early", null);
            e.initCause(new BufferUnderflowException());
            throw e;
        }
    }
}
