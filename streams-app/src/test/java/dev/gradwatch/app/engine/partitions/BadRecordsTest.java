package dev.gradwatch.app.engine.partitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gradwatch.app.engine.partitions.BadRecords.Reaction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BadRecordsTest {

    private static final String RECORD = "topic partition 0 offset 7, unreadable: cut short";

    private final AtomicLong clock = new AtomicLong();
    private final PausedPartitions paused = new PausedPartitions(clock::get);

    @Test
    void toleratesAHundredBadRecordsAfterAStart() {
        BadRecords records = records(Reaction.PAUSE);
        bad(records, 0, 400, 1);
        assertThat(paused.all()).isEmpty();
    }

    @Test
    void pausesAPartitionWhoseRunsBecameUnusableAndNoOther() {
        BadRecords records = records(Reaction.PAUSE);
        bad(records, 0, 501, 10);
        assertThat(paused.isPaused(0)).isTrue();
        assertThat(paused.isPaused(1)).isFalse();
        assertThat(paused.all().get(0).reason())
                .contains("501 of the last 501 records of partition 0")
                .contains(RECORD);
    }

    @Test
    void letsOnePublisherAloneStopNobody() {
        BadRecords records = records(Reaction.PAUSE);
        records.good(0);
        bad(records, 0, 10_000, 1);
        assertThat(paused.all()).isEmpty();
    }

    @Property(tries = 30)
    void letsRubbishOfStrangersStopNobodyWhileOthersAreWell(
            @ForAll @Size(min = 1, max = 50) List<@IntRange(min = 0, max = 400) Integer> bursts) {
        AtomicLong now = new AtomicLong();
        PausedPartitions gate = new PausedPartitions(now::get);
        BadRecords records = new BadRecords(0.5, 100, Reaction.PAUSE, gate, now::get);
        records.assigned(0, key -> key.startsWith("run"));
        int stranger = 0;
        for (int burst : bursts) {
            records.good(0);
            for (int i = 0; i < burst; i++) {
                records.bad(0, stranger % 7 == 0 ? null : "stranger-" + stranger, RECORD);
                stranger++;
            }
            now.addAndGet(BadRecords.OTHERS_ARE_WELL.toNanos() - 1);
        }
        assertThat(gate.all()).isEmpty();
    }

    @Test
    void pausesOverStrangersWhereNothingUsableArrives() {
        BadRecords records = records(Reaction.PAUSE);
        pass(BadRecords.OTHERS_ARE_WELL);
        for (int i = 0; i < 500; i++) {
            records.bad(0, null, RECORD);
        }
        assertThat(paused.all()).isEmpty();
        records.bad(0, null, RECORD);
        assertThat(paused.isPaused(0)).isTrue();
    }

    @Test
    void forgetsWhatIsAThousandRecordsAgo() {
        BadRecords records = records(Reaction.PAUSE);
        for (int round = 0; round < 5; round++) {
            bad(records, 0, 450, 10);
            good(records, 0, 1000);
        }
        assertThat(paused.all()).isEmpty();
    }

    @Test
    void triesAgainAfterABackoffThatGrows() {
        BadRecords records = records(Reaction.PAUSE);
        bad(records, 0, 501, 10);
        pass(PausedPartitions.FIRST_BACKOFF);
        assertThat(paused.isPaused(0)).isFalse();
        bad(records, 0, 100, 10);
        assertThat(paused.isPaused(0)).as("a trial needs the minimum alone").isTrue();
        pass(PausedPartitions.FIRST_BACKOFF);
        assertThat(paused.isPaused(0)).isTrue();
        pass(PausedPartitions.FIRST_BACKOFF);
        assertThat(paused.isPaused(0)).isFalse();
    }

    @Test
    void endsTheTrialAfterAThousandRecords() {
        BadRecords records = records(Reaction.PAUSE);
        bad(records, 0, 501, 10);
        pass(PausedPartitions.FIRST_BACKOFF);
        good(records, 0, 1000);
        bad(records, 0, 500, 10);
        assertThat(paused.isPaused(0)).as("half of the window is not too many").isFalse();
        bad(records, 0, 1, 10);
        pass(PausedPartitions.FIRST_BACKOFF);
        assertThat(paused.isPaused(0)).as("the first backoff again").isFalse();
    }

    @Test
    void readsOnByCommandWithACleanWindow() {
        BadRecords records = records(Reaction.PAUSE);
        bad(records, 0, 501, 10);
        bad(records, 0, 700, 10);
        assertThat(paused.resume(0)).isTrue();
        assertThat(paused.resume(0)).isFalse();
        bad(records, 0, 99, 10);
        assertThat(paused.isPaused(0)).isFalse();
    }

    @Test
    void judgesAnewWhereAPartitionIsAssignedAgain() {
        BadRecords records = records(Reaction.PAUSE);
        bad(records, 0, 500, 10);
        records.assigned(0, key -> true);
        bad(records, 0, 500, 10);
        assertThat(paused.all()).isEmpty();
    }

    @Test
    void stopsTheServiceWhenThatIsTheChoice() {
        BadRecords records = records(Reaction.STOP);
        bad(records, 0, 500, 10);
        assertThatThrownBy(() -> bad(records, 0, 1, 10))
                .isInstanceOf(TooManyBadRecordsException.class)
                .hasMessageContaining("501 of the last 501 records of partition 0")
                .hasMessageContaining(RECORD);
    }

    @Test
    void goesOnWhenThatIsTheChoice() {
        BadRecords records = records(Reaction.CONTINUE);
        assertThatCode(() -> bad(records, 0, 5000, 10)).doesNotThrowAnyException();
        assertThat(paused.all()).isEmpty();
    }

    private BadRecords records(Reaction reaction) {
        BadRecords records = new BadRecords(0.5, 100, reaction, paused, clock::get);
        records.assigned(0, key -> true);
        records.assigned(1, key -> true);
        return records;
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private static void good(BadRecords records, int partition, int times) {
        for (int i = 0; i < times; i++) {
            records.good(partition);
        }
    }

    private static void bad(BadRecords records, int partition, int times, int runs) {
        for (int i = 0; i < times; i++) {
            records.bad(partition, "run-" + i % runs, RECORD);
        }
    }
}
