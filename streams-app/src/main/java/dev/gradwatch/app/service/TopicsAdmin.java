package dev.gradwatch.app.service;

import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.app.service.brokers.BrokerClient;
import dev.gradwatch.app.service.brokers.BrokersUnavailableException;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.app.service.config.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The service's topics on the brokers: created, checked, described. Never changes a topic that is there. Every method may throw
 * {@link KafkaException} when the brokers do not answer or refuse.
 */
public final class TopicsAdmin implements AutoCloseable {

    private static final short IN_SYNC_WITH_THREE_COPIES = 2;

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
    private final BrokerClient brokers;

    public TopicsAdmin(GradwatchConfig config) {
        this(config, BrokerClient.open(config));
    }

    TopicsAdmin(GradwatchConfig config, BrokerClient brokers) {
        this.config = config;
        this.brokers = brokers;
    }

    /** What {@link #create} makes. */
    public List<TopicPlan> plan() {
        Settings.TopicLayout layout = config.settings().topics();
        Topics topics = config.topics();
        return List.of(
                plan(topics.trainingEvents(), kept(layout.eventRetention())),
                plan(topics.alerts(), kept(layout.alertRetention())),
                plan(topics.runStatus(), Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT)),
                plan(topics.deadLetters(), kept(layout.deadLetterRetention())));
    }

    /** Creates what is missing and leaves what is there as it is. */
    public List<Creation> create() {
        List<TopicPlan> plans = plan();
        // Whether anybody is there is known sooner than whether topics can be made.
        brokers.count();
        Map<String, KafkaFuture<Void>> answers = brokers.admin()
                .createTopics(plans.stream().map(TopicsAdmin::newTopic).toList())
                .values();
        List<Creation> creations = new ArrayList<>();
        for (TopicPlan plan : plans) {
            try {
                brokers.awaitChange(answers.get(plan.name()));
                creations.add(new Creation(plan, true));
            } catch (TopicExistsException e) {
                creations.add(new Creation(plan, false));
            } catch (BrokersUnavailableException e) {
                throw e;
            } catch (KafkaException e) {
                throw new KafkaException(
                        "topic " + plan.name() + " with " + plan.partitions() + " partitions and replication factor "
                                + plan.replicationFactor() + " could not be created: " + e.getMessage()
                                + "; see topics.partitions and topics.replication-factor",
                        e);
            }
        }
        awaitLeaders(plans);
        return creations;
    }

    /**
     * Asks the leader of every partition something. A topic is created before its leaders know of it, and an idempotent producer that writes
     * in between can wait two minutes for a sequence that nobody has.
     */
    private void awaitLeaders(List<TopicPlan> plans) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (TopicPlan plan : plans) {
            Optional<TopicDescription> found = existing(brokers.admin()
                    .describeTopics(List.of(plan.name()))
                    .topicNameValues()
                    .get(plan.name()));
            found.ifPresent(topic -> topic.partitions()
                    .forEach(partition ->
                            latest.put(new TopicPartition(plan.name(), partition.partition()), OffsetSpec.latest())));
        }
        brokers.awaitChange(brokers.admin().listOffsets(latest).all());
    }

    /** Every topic as it is, in the order of {@link #plan}. */
    public List<Description> describe() {
        List<TopicPlan> plans = plan();
        List<Description> descriptions = new ArrayList<>();
        Map<String, KafkaFuture<TopicDescription>> answers = brokers.admin()
                .describeTopics(plans.stream().map(TopicPlan::name).toList())
                .topicNameValues();
        for (TopicPlan plan : plans) {
            Optional<TopicDescription> found = existing(answers.get(plan.name()));
            descriptions.add(found.isPresent() ? compare(plan, found.get()) : missing(plan));
        }
        return descriptions;
    }

    /** What should be different from how it is, one sentence each; empty: nothing. */
    public List<String> check() {
        return describe().stream()
                .flatMap(description -> description.problems().stream())
                .toList();
    }

    @Override
    public void close() {
        brokers.close();
    }

    private TopicPlan plan(String name, Map<String, String> settings) {
        Settings.TopicLayout layout = config.settings().topics();
        Map<String, String> all = new TreeMap<>(settings);
        if (layout.replicationFactor() >= 3) {
            // What was acknowledged then survives the loss of a broker.
            all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Short.toString(IN_SYNC_WITH_THREE_COPIES));
        }
        return new TopicPlan(name, layout.partitions(), (short) layout.replicationFactor(), all);
    }

    private static Map<String, String> kept(Duration retention) {
        return Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(retention.toMillis()),
                // A recorded run that is replayed carries old times, and must not expire as it arrives.
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime");
    }

    private static NewTopic newTopic(TopicPlan plan) {
        Optional<Short> replicas =
                plan.replicationFactor() < 0 ? Optional.empty() : Optional.of(plan.replicationFactor());
        return new NewTopic(plan.name(), Optional.of(plan.partitions()), replicas).configs(plan.settings());
    }

    private Optional<TopicDescription> existing(KafkaFuture<TopicDescription> answer) {
        try {
            return Optional.of(brokers.await(answer));
        } catch (BrokersUnavailableException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Description compare(TopicPlan plan, TopicDescription found) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, plan.name());
        Config actual = brokers.await(
                brokers.admin().describeConfigs(List.of(resource)).values().get(resource));
        Map<String, String> settings = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        if (found.partitions().size() != plan.partitions()) {
            problems.add("topic " + plan.name() + " has " + found.partitions().size()
                    + " partitions, topics.partitions says " + plan.partitions());
        }
        new HashMap<>(plan.settings()).forEach((name, wanted) -> {
            ConfigEntry entry = actual.get(name);
            String value = entry == null ? "" : entry.value();
            settings.put(name, value);
            if (!wanted.equals(value)) {
                problems.add("topic " + plan.name() + " has " + name + " = " + value + ", expected " + wanted);
            }
        });
        int replicas = found.partitions().isEmpty()
                ? 0
                : found.partitions().get(0).replicas().size();
        return new Description(plan.name(), true, found.partitions().size(), replicas, settings, problems);
    }

    private static Description missing(TopicPlan plan) {
        return new Description(
                plan.name(),
                false,
                0,
                0,
                Map.of(),
                List.of("topic " + plan.name() + " does not exist: create it with 'gradwatch topics create'"));
    }
}
