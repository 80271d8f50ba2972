package dev.gradwatch.recorded.tensorboard;

import static dev.gradwatch.recorded.ReadRuns.epochs;
import static dev.gradwatch.recorded.ReadRuns.records;
import static dev.gradwatch.recorded.ReadRuns.steps;
import static dev.gradwatch.recorded.tensorboard.EventFileWriter.bytes;
import static dev.gradwatch.recorded.tensorboard.EventFileWriter.little;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFilesTest {

    private static final double NOW = 1.76e9;

    @TempDir
    private Path folder;

    @Test
    void readsTensorsOfEveryKindThatHoldOneNumber() throws Exception {
        Path file = folder.resolve("events.out.tfevents.1.a.1.0");
        new EventFileWriter(file)
                .tensor(
                        NOW,
                        0,
                        "loss",
                        "scalars",
                        content(1, little(4).putFloat(0.5f).array()))
                .tensor(
                        NOW,
                        1,
                        "loss",
                        "scalars",
                        content(2, little(8).putDouble(0.1).array()))
                .tensor(
                        NOW,
                        2,
                        "loss",
                        "scalars",
                        content(3, little(4).putInt(-3).array()))
                .tensor(
                        NOW,
                        3,
                        "loss",
                        "scalars",
                        content(9, little(8).putLong(7).array()))
                .tensor(
                        NOW,
                        4,
                        "loss",
                        "scalars",
                        content(19, little(2).putShort((short) 0x3800).array()))
                .tensor(
                        NOW,
                        5,
                        "loss",
                        "scalars",
                        content(14, little(2).putShort((short) 0x3fc0).array()))
                .tensor(NOW, 6, "loss", "", listed(5, little(4).putFloat(2.5f).array()))
                .tensor(
                        NOW,
                        7,
                        "loss",
                        "scalars",
                        listed(6, little(8).putDouble(3.5).array()))
                .tensor(
                        NOW,
                        8,
                        "loss",
                        "scalars",
                        content(1, little(8).putFloat(1).putFloat(2).array()))
                .tensor(
                        NOW,
                        9,
                        "loss",
                        "histograms",
                        content(1, little(4).putFloat(0.5f).array()))
                .scalar(NOW, 10, "loss", Float.NaN);

        assertThat(steps(file))
                .extracting(StepNorms::loss)
                .containsExactly(0.5, 0.1, -3.0, 7.0, 0.5, 1.5, 2.5, 3.5, Double.NaN);
    }

    @Test
    void namesTheByteWhereAChecksumIsWrongAndKeepsWhatWasBefore() throws Exception {
        Path file = folder.resolve("events.out.tfevents.1.a.1.0");
        EventFileWriter writer = new EventFileWriter(file).scalar(NOW, 0, "loss", 1);
        long sound = Files.size(file);
        writer.scalar(NOW, 1, "loss", 2);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 6] ^= 1;
        Files.write(file, bytes);

        try (RecordedRun run = RecordedRuns.open(file)) {
            run.next();
            assertThat(run.next()).isNotNull();
            assertThatThrownBy(run::next)
                    .isInstanceOfSatisfying(
                            RecordedRunException.class,
                            e -> assertThat(e.isCutOff()).isFalse())
                    .hasMessageStartingWith(file + ": the checksum of a record at byte " + sound + " is wrong");
        }
    }

    @Test
    void readsTheOtherFilesOfARunWhoseOneFileIsDamaged() throws Exception {
        new EventFileWriter(folder.resolve("events.out.tfevents.1.a.1.0"))
                .scalar(NOW, 0, "loss", 1)
                .append(new byte[20]);
        new EventFileWriter(folder.resolve("events.out.tfevents.2.a.1.0")).scalar(NOW + 1, 1, "loss", 2);

        try (RecordedRun run = RecordedRuns.open(folder)) {
            run.next();
            assertThat(run.next()).isNotNull();
            assertThat(run.next()).isNotNull();
            assertThatThrownBy(run::next).hasMessageContaining("events.out.tfevents.1.a.1.0: ");
        }
    }

    @Test
    void joinsTheFoldersThatPyTorchMakesForSeveralCurvesOfOneName() throws Exception {
        new EventFileWriter(folder.resolve("events.out.tfevents.1.a.1.0")).scalar(NOW, 0, "lr", 0.5f);
        for (String part : new String[] {"Loss_train", "Loss_val"}) {
            Path inside = Files.createDirectory(folder.resolve(part));
            new EventFileWriter(inside.resolve("events.out.tfevents.1.a.1.1"))
                    .scalar(NOW + 1, 0, "Loss", part.equals("Loss_val") ? 2 : 1);
        }

        assertThat(RecordedRuns.in(folder)).containsExactly(folder);
        EpochCompleted epoch = epochs(folder).get(0);
        assertThat(epoch.trainLoss()).isEqualTo(1.0);
        assertThat(epoch.validationLoss()).isEqualTo(2.0);
        assertThat(epoch.learningRate()).isEqualTo(0.5);
    }

    @Test
    void passesOverWhatIsNotForReadingAndStepsBelowZero() throws Exception {
        Path file = folder.resolve("events.out.tfevents.1.a.1.0");
        new EventFileWriter(file)
                .append(EventFileWriter.frame(new byte[0]))
                .scalar(NOW, -1, "loss", 9)
                .append(EventFileWriter.frame(new byte[20 << 20]))
                .scalar(NOW, 3, "loss", 1)
                .scalar(Double.NaN, 4, "loss", 1);

        assertThat(steps(file)).extracting(StepNorms::step).containsExactly(3L, 4L);
        assertThat(records(file)).hasSize(3);
    }

    private static byte[] content(int type, byte[] bytes) {
        ByteArrayOutputStream tensor = new ByteArrayOutputStream();
        tensor.write(1 << 3);
        tensor.write(type);
        bytes(tensor, 2, "".getBytes(StandardCharsets.UTF_8));
        bytes(tensor, 4, bytes);
        return tensor.toByteArray();
    }

    private static byte[] listed(int field, byte[] packed) {
        ByteArrayOutputStream tensor = new ByteArrayOutputStream();
        bytes(tensor, field, packed);
        return tensor.toByteArray();
    }
}
