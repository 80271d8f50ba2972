package dev.gradwatch.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.RunRecord;
import dev.gradwatch.sandbox.fleet.Fleet;
import dev.gradwatch.sandbox.fleet.FleetPlan;
import dev.gradwatch.wire.TrainingEvents;
import dev.gradwatch.wire.UndecodableRecordException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishedEventsTest {

    @Test
    void everythingTheFleetSaysSurvivesTheWireUnchanged() throws UndecodableRecordException {
        List<RunRecord> said = new ArrayList<>();
        Fleet fleet = new Fleet(new FleetPlan(1), 0, FleetPlan.CAST, 30, said::add);
        for (long now = 1_000_000; now < 1_020_000; now += 33) {
            fleet.advance(now);
        }
        fleet.stop(1_020_000, "test over");
        assertThat(said).hasSizeGreaterThan(500);
        for (RunRecord record : said) {
            assertThat(TrainingEvents.toRunRecord(TrainingEvents.toAvro(record), record.runId()))
                    .isEqualTo(record);
        }
    }
}
