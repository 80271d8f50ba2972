package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PromptCommitsTest {

    private final AtomicInteger commits = new AtomicInteger();
    private final PromptCommits prompt = new PromptCommits(commits::incrementAndGet, 100);

    @Test
    void commitsAtOnceAndThenAtMostOnceAnInterval() {
        prompt.want(1000);
        assertThat(commits).hasValue(1);
        prompt.want(1050);
        prompt.want(1060);
        assertThat(commits).hasValue(1);
        prompt.maybeCommit(1100);
        assertThat(commits).hasValue(2);
    }

    @Test
    void commitsNothingThatNobodyWants() {
        prompt.maybeCommit(1000);
        assertThat(commits).hasValue(0);
    }

    @Test
    void commitsAgainWhenTheClockWentBack() {
        prompt.want(5000);
        prompt.want(1000);
        assertThat(commits).hasValue(2);
    }
}
