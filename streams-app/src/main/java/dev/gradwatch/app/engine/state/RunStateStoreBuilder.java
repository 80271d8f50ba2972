package dev.gradwatch.app.engine.state;

import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/** Builds a {@link RunStateStore} for each task, before a logged RocksDB store. What is fixed here cannot be changed by its callers. */
public final class RunStateStoreBuilder implements StoreBuilder<RunStateStore> {

    private final StoreBuilder<KeyValueStore<String, byte[]>> durable;
    private final SharedBound mostLive;
    private final StoreListener listener;

    public RunStateStoreBuilder(String name, SharedBound mostLive, StoreListener listener) {
        this.mostLive = mostLive;
        this.listener = listener;
        this.durable = org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name),
                        Serdes.String(),
                        Serdes.ByteArray())
                .withLoggingEnabled(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        // States change all the time: without this a restore reads a gigabyte of old versions before
                        // the few that count.
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        Integer.toString(64 << 20),
                        TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                        "0.3"))
                .withCachingDisabled();
    }

    @Override
    public RunStateStore build() {
        return new RunStateStore(durable.build(), mostLive, listener);
    }

    @Override
    public Map<String, String> logConfig() {
        return durable.logConfig();
    }

    @Override
    public boolean loggingEnabled() {
        return durable.loggingEnabled();
    }

    @Override
    public String name() {
        return durable.name();
    }

    @Override
    public StoreBuilder<RunStateStore> withCachingEnabled() {
        throw fixed();
    }

    @Override
    public StoreBuilder<RunStateStore> withCachingDisabled() {
        return this;
    }

    @Override
    public StoreBuilder<RunStateStore> withLoggingEnabled(Map<String, String> config) {
        throw fixed();
    }

    @Override
    public StoreBuilder<RunStateStore> withLoggingDisabled() {
        throw fixed();
    }

    private static UnsupportedOperationException fixed() {
        return new UnsupportedOperationException("the run state store is always logged and keeps its own cache");
    }
}
