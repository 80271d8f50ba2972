package dev.gradwatch.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;

class GeneratedRecordsTest {

    static {
        TrustedRecords.trust();
    }

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123Z");

    @Test
    void keepsNaNInfinityAndNegativeZero() throws IOException {
        EpochCompleted epoch = EpochCompleted.newBuilder()
                .setEpoch(3.5)
                .setTrainLoss(Double.NaN)
                .setValidationLoss(Double.POSITIVE_INFINITY)
                .setGradientNorm(Double.NEGATIVE_INFINITY)
                .setMetrics(Map.of("loss-delta", -0.0, "tiny", Double.MIN_VALUE))
                .build();

        assertThat(copy(event(epoch))).isEqualTo(event(epoch));
    }

    @Test
    void keepsTextOfEveryScript() throws IOException {
        RunStarted started = RunStarted.newBuilder()
                .setName("обучение 训练 🚀 \u0000 e\u0301")
                .setTags(Map.of("ключ 🔑", "värde", "", ""))
                .build();

        assertThat(copy(event(started))).isEqualTo(event(started));
    }

    @Test
    void keepsThreeHundredLayers() throws IOException {
        List<LayerNorms> layers = IntStream.range(0, 300)
                .mapToObj(
                        i -> new LayerNorms("block_" + i, i * 0.01, i % 7 == 0 ? null : 1.0 / (i + 1), 10.0 + i, null))
                .toList();
        GradientNorms norms = new GradientNorms(List.of(
                new StepNorms(41L, 0.5, NOON, 2.3, 1.1, 1e-3, layers, Map.of(), null),
                new StepNorms(42L, null, null, null, null, null, List.of(), Map.of(), null)));

        List<StepNorms> copied = ((GradientNorms) copy(event(norms)).getEvent()).getSteps();

        // Element by element: Avro's own lists cannot compare a timestamp that may be absent.
        assertThat(copied).containsExactlyElementsOf(norms.getSteps());
        assertThat(copied.get(0).getLayers()).hasSize(300);
    }

    @Test
    void keepsMetricsAndNormsOfRanks() throws IOException {
        StepNorms step = new StepNorms(
                1L, null, null, null, null, null, List.of(), Map.of("kl", 0.5), new RankNorms(0.0, Double.NaN, 3));

        StepNorms copied = ((GradientNorms)
                        copy(event(new GradientNorms(List.of(step)))).getEvent())
                .getSteps()
                .get(0);

        assertThat(copied.getMetrics()).isEqualTo(Map.of("kl", 0.5));
        assertThat(copied.getRankNorms().getMin()).isZero();
        assertThat(copied.getRankNorms().getMax()).isNaN();
        assertThat(copied.getRankNorms().getRank()).isEqualTo(3);
    }

    @Test
    void keepsAnAlertAndAStatusWithNothingOptionalInThem() throws IOException {
        Alert alert = Alert.newBuilder()
                .setId("a")
                .setRunId("r")
                .setAttempt(1)
                .setDetector("loss-divergence")
                .setSummary("The loss rises.")
                .setOpenedAt(NOON)
                .setUpdatedAt(NOON)
                .build();
        RunStatus status = RunStatus.newBuilder()
                .setRunId("r")
                .setAttempt(1)
                .setUpdatedAt(NOON)
                .build();

        assertThat(copy(alert)).isEqualTo(alert);
        assertThat(copy(status)).isEqualTo(status);
    }

    private static TrainingEvent event(Object event) {
        return TrainingEvent.newBuilder()
                .setRunId("run-1")
                .setEventTime(NOON)
                .setEvent(event)
                .build();
    }

    private static <T extends SpecificRecordBase> T copy(T original) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new SpecificDatumWriter<T>(original.getSchema(), original.getSpecificData()).write(original, encoder);
        encoder.flush();
        return new SpecificDatumReader<T>(original.getSchema(), original.getSchema(), original.getSpecificData())
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
    }
}
