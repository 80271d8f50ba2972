package dev.gradwatch.app.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.DetectionSettings;
import dev.gradwatch.detection.RunSnapshot;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.event.Heartbeat;
import dev.gradwatch.detection.event.RunRecord;
import org.junit.jupiter.api.Test;

class WatchedRunTest {

    private static final long DAY = 86_400_000;
    private static final long INTERVAL = 10_000;

    @Test
    void fallsBackToTheWallClockAfterARestoreWhenAnEventWasAhead() {
        RunRecord ahead = new RunRecord("run", 1, 1_760_000_000_000L, new Heartbeat(null, null));
        RunWatch core = new RunWatch(DetectionSettings.defaults());
        var state = core.newRun("run");
        core.apply(state, ahead, alert -> {});
        RunSnapshot snapshot = core.snapshot(state);
        long now = ahead.timeMillis() - DAY;
        WatchedRun run = new WatchedRun("run");
        run.restored(snapshot, now);
        assertThat(run.statusIsDue(now, now + INTERVAL - 1, INTERVAL)).isFalse();
        assertThat(run.statusIsDue(now, now + INTERVAL, INTERVAL)).isTrue();
    }
}
