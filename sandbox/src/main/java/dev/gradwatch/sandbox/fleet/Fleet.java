package dev.gradwatch.sandbox.fleet;

import dev.gradwatch.detection.event.RunRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The runs that train at the moment. Starts them one after the other, lets each do its steps at a steady pace, and replaces the one that
 * ends by the next of the plan, so that the fleet stays as large as it is. A run that fell silent keeps its place for a while, as a hanging
 * process does. Owned by one thread; time is handed in.
 */
public final class Fleet {

    private static final long STARTS_APART_MILLIS = 400;
    private static final long HANGS_FOR_MILLIS = 60_000;
    /** After a pause of the machine, runs do not catch up on more than this. */
    private static final int MOST_STEPS_AT_ONCE = 8;

    private final FleetPlan plan;
    private final int size;
    private final double stepsPerMilli;
    private final Consumer<RunRecord> records;
    private final List<Member> members = new ArrayList<>();
    private long nextNumber;
    private long lastStart = Long.MIN_VALUE / 2;
    private long ended;

    /**
     * @param firstNumber number of the first run to start
     * @param size how many runs train at a time
     * @param records receives what the runs say, steps already joined into batches
     */
    public Fleet(FleetPlan plan, long firstNumber, int size, double stepsPerSecond, Consumer<RunRecord> records) {
        this.plan = plan;
        this.nextNumber = firstNumber;
        this.size = size;
        this.stepsPerMilli = stepsPerSecond / 1000;
        this.records = records;
    }

    private static final class Member {
        private final RunPlay play;
        private final StepBatches batches;
        private final long started;
        private long advanced;
        private long silentSince = Long.MAX_VALUE;

        Member(RunPlay play, StepBatches batches, long started) {
            this.play = play;
            this.batches = batches;
            this.started = started;
        }
    }

    /** Lets everything happen that is due by now. */
    public void advance(long nowMillis) {
        if (members.size() < size && nowMillis - lastStart >= STARTS_APART_MILLIS) {
            members.add(new Member(new RunPlay(plan.run(nextNumber++)), new StepBatches(records), nowMillis));
            lastStart = nowMillis;
        }
        for (Member member : members) {
            advance(member, nowMillis);
        }
        members.removeIf(member -> {
            boolean leaves = member.play.ended() || nowMillis - member.silentSince > HANGS_FOR_MILLIS;
            if (leaves) {
                ended++;
            }
            return leaves;
        });
    }

    private void advance(Member member, long nowMillis) {
        long due = (long) ((nowMillis - member.started) * stepsPerMilli);
        member.advanced = Math.max(member.advanced, due - MOST_STEPS_AT_ONCE);
        while (member.advanced <= due && !member.play.ended()) {
            member.play.advance(nowMillis, member.batches);
            member.advanced++;
        }
        if (member.play.silent() && member.silentSince == Long.MAX_VALUE) {
            member.silentSince = nowMillis;
        }
    }

    /** Ends every run that is still there and says so. A hanging one stays silent: nobody is there to speak for it. */
    public void stop(long nowMillis, String reason) {
        for (Member member : members) {
            if (!member.play.silent()) {
                member.play.cancel(nowMillis, reason, member.batches);
            }
        }
        members.clear();
    }

    /** Number of the next run that will start. */
    public long nextNumber() {
        return nextNumber;
    }

    /** How many runs train or hang now. */
    public int running() {
        return members.size();
    }

    /** How many runs have ended. */
    public long ended() {
        return ended;
    }
}
