package dev.gradwatch.detection.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {

    /** Every pattern of 64 bits: all numbers, NaNs with a payload, both zeros. */
    @Provide
    Arbitrary<Double> anyDouble() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(Double::longBitsToDouble),
                Arbitraries.doubles(),
                Arbitraries.integers().map(Integer::doubleValue));
    }

    @Property
    void numbersKeepEveryBit(@ForAll("anyDouble") double value) {
        FieldReader reader = written(fields -> fields.number(value));

        assertThat(bits(reader.number(0))).isEqualTo(bits(value));
        assertThat(reader.atEnd()).isTrue();
    }

    @Property
    void sparseNumbersKeepEveryBit(@ForAll("anyDouble") double value) {
        FieldReader reader = written(fields -> fields.compactNumber(value));

        assertThat(bits(reader.compactNumber(0))).isEqualTo(bits(value));
        assertThat(reader.atEnd()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0.0,
                -0.0,
                1,
                -1,
                Double.NaN,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                0x1p30,
                -0x1p30,
                0x1p62,
                0x1p63,
                -0x1p62,
                -0x1p63
            })
    void sparseNumbersKeepTheEdges(double value) {
        FieldReader reader = written(fields -> fields.compactNumber(value));

        assertThat(bits(reader.compactNumber(0))).isEqualTo(bits(value));
    }

    @Test
    void sparseNumbersAreSmallWhereTheyAreWhole() {
        FieldWriter writer = new FieldWriter();
        writer.compactNumber(0);
        writer.compactNumber(31);
        writer.compactNumber(1000);

        assertThat(writer.toByteArray()).hasSize(1 + 1 + 2);
    }

    @Property
    void singlesKeepEveryBit(@ForAll int pattern) {
        FieldReader reader = written(fields -> fields.float32(Float.intBitsToFloat(pattern)));

        assertThat(Float.floatToRawIntBits(reader.float32(0))).isEqualTo(pattern);
    }

    @Property
    void wholeNumbersComeBack(@ForAll long value) {
        assertThat(written(fields -> fields.varint(value)).varint(0)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, Long.MAX_VALUE})
    void wholeNumbersComeBackAtTheEdges(long value) {
        assertThat(written(fields -> fields.varint(value)).varint(0)).isEqualTo(value);
    }

    @Property
    void textFlagsAndAbsentValuesComeBack(
            @ForAll @StringLength(max = 2000) String text, @ForAll boolean flag, @ForAll("anyDouble") double number) {
        FieldReader reader = written(fields -> {
            fields.text(text);
            fields.text(null);
            fields.flag(flag);
            fields.varintOrNull(null);
            fields.varintOrNull(5L);
            fields.numberOrNull(null);
            fields.numberOrNull(number);
        });

        assertThat(reader.text(null)).isEqualTo(text);
        assertThat(reader.text("")).isNull();
        assertThat(reader.flag(false)).isEqualTo(flag);
        assertThat(reader.varintOrNull(9L)).isNull();
        assertThat(reader.varintOrNull(null)).isEqualTo(5L);
        assertThat(reader.numberOrNull(9.0)).isNull();
        assertThat(bits(reader.numberOrNull(null))).isEqualTo(bits(number));
        assertThat(reader.atEnd()).isTrue();
    }

    @Property
    void damagedBytesAreReadOrRefusedAndNothingElse(@ForAll byte[] bytes, @ForAll byte[] kinds) {
        FieldReader reader = new FieldReader(bytes);
        try {
            for (byte kind : kinds) {
                readSomething(reader, kind);
            }
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageMatching("(?s).*(damaged|count|missing).*");
        }
    }

    private static void readSomething(FieldReader reader, int kind) {
        switch (Math.floorMod(kind, 9)) {
            case 0 -> reader.number(0);
            case 1 -> reader.float32(0);
            case 2 -> reader.compactNumber(0);
            case 3 -> reader.varint(0);
            case 4 -> reader.flag(false);
            case 5 -> reader.text(null);
            case 6 -> reader.bytes();
            case 7 -> reader.numberOrNull(null);
            default -> reader.count(0, 10);
        }
    }

    @Test
    void saysWhereBytesEndTooSoon() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FieldReader(new byte[3]).number(0))
                .withMessage("damaged at byte 0: cut short");
    }

    @Test
    void refusesALengthBeyondTheEnd() {
        FieldReader reader = written(fields -> fields.varint(1_000_000));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.text(null))
                .withMessage("damaged at byte 3: 1000000 bytes announced, 0 left");
    }

    @Test
    void refusesANumberWithoutAnEnd() {
        byte[] endless = new byte[12];
        Arrays.fill(endless, (byte) 0xFF);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FieldReader(endless).varint(0))
                .withMessageContaining("a number without an end");
    }

    private static FieldReader written(Consumer<Fields> fields) {
        FieldWriter writer = new FieldWriter();
        fields.accept(writer);
        return new FieldReader(writer.toByteArray());
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }
}
