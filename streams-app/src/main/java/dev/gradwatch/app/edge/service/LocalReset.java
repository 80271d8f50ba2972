package dev.gradwatch.app.edge.service;

import dev.gradwatch.app.edge.config.GradwatchConfig;
import java.util.List;

/** Forgets what the service knows, so that it starts again from the first record. Says first what goes. */
public final class LocalReset implements AutoCloseable {

    /** Something that goes: {@code kind} such as local state, committed offsets, internal topic; {@code detail} says how much. */
    public record Item(String kind, String name, String detail) {}

    /** What would go, and what stands against it ({@code obstacles}; empty: nothing does). */
    public record Plan(List<Item> items, List<String> obstacles) {}

    private final GradwatchConfig config;

    public LocalReset(GradwatchConfig config) {
        this.config = config;
    }

    /** Looks and changes nothing. */
    public Plan plan() {
        return new Plan(List.of(), List.of());
    }

    /**
     * Carries the plan out.
     *
     * @throws IllegalStateException when the plan has obstacles
     */
    public void execute(Plan plan) {}

    @Override
    public void close() {
        config.settings();
    }
}
