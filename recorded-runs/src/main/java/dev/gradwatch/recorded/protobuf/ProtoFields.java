package dev.gradwatch.recorded.protobuf;

import dev.gradwatch.recorded.log.MalformedLogException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Walks through the fields of one protobuf message, as far as event files need it. */
public final class ProtoFields {

    public static final int VARINT = 0;
    public static final int FIXED64 = 1;
    public static final int BYTES = 2;
    public static final int FIXED32 = 5;

    private final ByteBuffer in;
    private int number;
    private int type;

    public ProtoFields(ByteBuffer in) {
        this.in = in;
    }

    /** Moves to the next field; its value must then be read or skipped. */
    public boolean next() throws MalformedLogException {
        if (!in.hasRemaining()) {
            return false;
        }
        long key = varint();
        number = (int) (key >>> 3);
        type = (int) (key & 7);
        return true;
    }

    /** Whether the field is this one, of this wire type. */
    public boolean is(int wantedNumber, int wantedType) {
        return number == wantedNumber && type == wantedType;
    }

    public int number() {
        return number;
    }

    public int type() {
        return type;
    }

    public long varint() throws MalformedLogException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = one();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedLogException("a number has more than ten bytes", null);
    }

    public double fixed64() throws MalformedLogException {
        need(Double.BYTES);
        return in.getDouble();
    }

    public float fixed32() throws MalformedLogException {
        need(Float.BYTES);
        return in.getFloat();
    }

    public ByteBuffer bytes() throws MalformedLogException {
        long length = varint();
        if (length < 0 || length > in.remaining()) {
            throw new MalformedLogException("a field is longer than its message", Long.toString(length));
        }
        ByteBuffer part = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) length);
        return part;
    }

    public String text() throws MalformedLogException {
        return StandardCharsets.UTF_8.decode(bytes()).toString();
    }

    public void skip() throws MalformedLogException {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> fixed64();
            case BYTES -> bytes();
            case FIXED32 -> fixed32();
            default -> throw new MalformedLogException("an unknown type of field", Integer.toString(type));
        }
    }

    private byte one() throws MalformedLogException {
        need(1);
        return in.get();
    }

    private void need(int count) throws MalformedLogException {
        if (in.remaining() < count) {
            MalformedLogException e = new MalformedLogException("a message ends too early", null);
            e.initCause(new BufferUnderflowException());
            throw e;
        }
    }
}
