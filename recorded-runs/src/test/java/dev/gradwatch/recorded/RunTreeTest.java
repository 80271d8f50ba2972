package dev.gradwatch.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTreeTest {

    @TempDir
    private Path folder;

    @Test
    void findsTheRunsThatFrameworksWrote() throws Exception {
        List<FoundRun> runs = new RunTree(FrameworkLogsTest.LOGS, file -> true).find();

        assertThat(runs)
                .extracting(FoundRun::id)
                .containsExactlyInAnyOrder(
                        "huggingface/runs",
                        "keras-csvlogger",
                        "keras-resumed",
                        "keras-tensorboard",
                        "keras-tensorboard-batches",
                        "lightning",
                        "lightning-plain",
                        "tensorboardx-epochs",
                        "torch-resumed",
                        "torch-steps");
        assertThat(run(runs, "keras-tensorboard").files()).hasSize(2);
        assertThat(run(runs, "torch-resumed").files()).hasSize(2);
        assertThat(RecordedRuns.in(FrameworkLogsTest.LOGS)).hasSize(10);
    }

    @Test
    void callsARunByItsPathWithoutWhatEverybodyWrites() throws Exception {
        write("sweep/a/lightning_logs/version_0/metrics.csv", "epoch,step,train_loss\n");
        write("sweep/b.jsonl", "{}");
        write("sweep/c/training.log", "epoch,loss\n");
        write("sweep/c/metrics.csv", "epoch,loss\n");

        assertThat(new RunTree(folder, file -> true).find())
                .extracting(FoundRun::id)
                .containsExactlyInAnyOrder(
                        "sweep/a/lightning_logs/version_0", "sweep/b", "sweep/c", "sweep/c/training");
        assertThat(new RunTree(folder.resolve("sweep/c"), file -> true).find())
                .extracting(FoundRun::id)
                .containsExactlyInAnyOrder("c", "training");
        Path file = folder.resolve("sweep/a/lightning_logs/version_0/metrics.csv");
        assertThat(new RunTree(file, f -> true).find())
                .extracting(FoundRun::id)
                .containsExactly("lightning_logs/version_0");
    }

    @Test
    void leavesOutOtherTablesHiddenFoldersEmptyFilesAndWhatIsNotWanted() throws Exception {
        write("prices.csv", "house,price\n1,2\n");
        write(".cache/run.jsonl", "{}");
        write("empty.jsonl", "");
        write("no.jsonl", "{}");
        write("yes.jsonl", "{}");
        RunTree tree = new RunTree(folder, file -> !file.endsWith("no.jsonl"));

        assertThat(tree.find()).extracting(FoundRun::id).containsExactly("yes");
        write("prices.csv", "epoch,loss\n1,2\n3,4\n5,6\n");
        write("empty.jsonl", "{}");
        assertThat(tree.find()).extracting(FoundRun::id).containsExactlyInAnyOrder("empty", "prices", "yes");
        assertThat(new RunTree(folder.resolve("nowhere"), file -> true).find()).isEmpty();
    }

    @Test
    void takesTheStateThatWasWrittenLastAndOfThoseWrittenTogetherTheFarthest() throws Exception {
        Path last = state("checkpoint-20", 20, 0);
        state("checkpoint-10", 10, 1);
        assertThat(new RunTree(folder, file -> true).find())
                .containsExactly(new FoundRun(folder.getFileName().toString(), last, List.of(last)));

        Path root = state("", 20, 0);
        assertThat(new RunTree(folder, file -> true).find().get(0).place()).isEqualTo(root);

        Path setBack = state("checkpoint-15", 15, 300);
        assertThat(new RunTree(folder, file -> true).find().get(0).place()).isEqualTo(setBack);
    }

    private static FoundRun run(List<FoundRun> runs, String id) {
        return runs.stream().filter(run -> run.id().equals(id)).findFirst().orElseThrow();
    }

    private Path state(String checkpoint, int step, int secondsLater) throws IOException {
        Path file =
                write(checkpoint + "/trainer_state.json", "{\n\"global_step\": " + step + ",\n\"log_history\": []}");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_760_000_000_000L + secondsLater * 1000L));
        return file;
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name.startsWith("/") ? name.substring(1) : name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
