package dev.gradwatch.app.engine.partitions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.app.engine.partitions.ProgressWatch.Reason;
import dev.gradwatch.app.engine.partitions.ProgressWatch.Stall;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProgressWatchTest {

    private final AtomicLong clock = new AtomicLong();
    private final PausedPartitions paused = new PausedPartitions(clock::get);
    private final PartitionProgress progress = new PartitionProgress(clock::get);
    private final ProgressWatch watch = new ProgressWatch("events", progress, paused);
    private final Object consumer = new Object();

    @BeforeEach
    void assign() {
        progress.owned(consumer, List.of(0, 1));
        progress.position(0, 10);
        progress.position(1, 10);
        watch.ends(Map.of(0, 10L, 1, 10L));
    }

    @Test
    void isSilentAboutAPartitionThatHasNothingToRead() {
        pass(Duration.ofHours(1));
        assertThat(watch.stalls()).isEmpty();
    }

    @Test
    void seesAPartitionWithUnreadRecordsWithoutProgress() {
        watch.ends(Map.of(0, 11L, 1, 10L));
        pass(Duration.ofSeconds(59));
        assertThat(watch.stalls()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(watch.stalls())
                .extracting(Stall::partition, Stall::reason)
                .containsExactly(tuple(Reason.NO_PROGRESS));
    }

    @Test
    void seesFetchedRecordsThatNobodyProcesses() {
        progress.fetched(0, 9);
        pass(Duration.ofSeconds(60));
        assertThat(watch.stalls()).extracting(Stall::reason).containsExactly(Reason.NO_PROGRESS);
        process(9);
        assertThat(watch.stalls()).isEmpty();
    }

    @Test
    void takesARecordThatIsProcessedAgainAndAgainForNoProgress() {
        watch.ends(Map.of(0, 20L));
        for (int i = 0; i < 70; i++) {
            process(9);
            pass(Duration.ofSeconds(1));
        }
        assertThat(watch.stalls()).extracting(Stall::reason).containsExactly(Reason.NO_PROGRESS);
    }

    @Test
    void namesTheRecordThatTakesWithoutEnd() {
        progress.begin(0, 9);
        pass(Duration.ofSeconds(60));
        assertThat(watch.stalls()).hasSize(1);
        assertThat(watch.stalls().get(0).reason()).isEqualTo(Reason.RECORD);
        assertThat(watch.stalls().get(0).detail()).contains("topic events partition 0 offset 9 for 60 s");
        progress.abandon(0);
        assertThat(watch.stalls()).isEmpty();
    }

    @Test
    void seesAPauseAtOnce() {
        paused.pause(1, "too many bad records");
        assertThat(watch.stalls()).extracting(Stall::partition).containsExactly(1);
        assertThat(watch.stalls().get(0).detail())
                .contains("gradwatch resume 1")
                .contains("too many bad records");
    }

    @Test
    void forgetsPartitionsThatAreGivenAway() {
        watch.ends(Map.of(0, 11L, 1, 11L));
        progress.owned(consumer, List.of(1));
        pass(Duration.ofSeconds(61));
        assertThat(watch.stalls()).extracting(Stall::partition).containsExactly(1);
    }

    private void process(long offset) {
        progress.begin(0, offset);
        progress.end(0);
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private static org.assertj.core.groups.Tuple tuple(Reason reason) {
        return org.assertj.core.groups.Tuple.tuple(0, reason);
    }
}
