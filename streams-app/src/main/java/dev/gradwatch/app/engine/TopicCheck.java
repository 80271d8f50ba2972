package dev.gradwatch.app.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Looks at the topics before the streams start, because what is wrong with them shows later in ways that are hard to understand: states in
 * the wrong partition, or a transaction that can never be committed. Creates nothing.
 */
public final class TopicCheck {

    private static final int SECONDS = 30;

    private final Admin admin;
    private final EngineSettings settings;

    public TopicCheck(Admin admin, EngineSettings settings) {
        this.admin = admin;
        this.settings = settings;
    }

    /**
     * Returns when everything is as it must be.
     *
     * @throws TopicCheckException with every problem
     * @throws KafkaException when the brokers cannot be asked
     */
    public void check() {
        Topics topics = settings.topics();
        List<String> outputs = List.of(topics.alerts(), topics.runStatus(), topics.deadLetters());
        String changelog = Stores.runStatesChangelog(settings.applicationId());
        Map<String, Integer> partitions = new LinkedHashMap<>();
        List<String> asked = new ArrayList<>(outputs);
        asked.add(topics.trainingEvents());
        asked.add(changelog);
        Map<String, KafkaFuture<TopicDescription>> descriptions =
                admin.describeTopics(asked).topicNameValues();
        descriptions.forEach((topic, description) -> {
            Integer count = partitionsOrNull(description);
            if (count != null) {
                partitions.put(topic, count);
            }
        });

        List<String> problems = new ArrayList<>();
        for (String topic : asked) {
            if (!partitions.containsKey(topic) && !topic.equals(changelog)) {
                problems.add("topic " + topic + " does not exist: create it with 'gradwatch topics create'");
            }
        }
        Integer input = partitions.get(topics.trainingEvents());
        Integer kept = partitions.get(changelog);
        if (input != null && kept != null && !input.equals(kept)) {
            problems.add("topic " + topics.trainingEvents() + " has " + input + " partitions, but the state in "
                    + changelog + " was made for " + kept
                    + ": runs would not find their state. Put the partitions back, or begin anew with"
                    + " 'gradwatch reset' or another streams.application-id");
        }
        List<String> written = new ArrayList<>(outputs);
        written.add(changelog);
        written.retainAll(partitions.keySet());
        problems.addAll(tooSmall(written));
        if (!problems.isEmpty()) {
            throw new TopicCheckException(problems);
        }
    }

    /** A topic that takes less than our producer sends would stop the service at the first large record. */
    private List<String> tooSmall(List<String> written) {
        List<ConfigResource> resources = written.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        List<String> problems = new ArrayList<>();
        Map<ConfigResource, Config> configs =
                get(admin.describeConfigs(resources).all());
        int needed = EngineProperties.largestRecordBytes(settings);
        configs.forEach((resource, config) -> {
            String value = config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value();
            if (Integer.parseInt(value) < needed) {
                problems.add("topic " + resource.name() + " takes records of " + value + " bytes, but up to " + needed
                        + " may come: raise its max.message.bytes, or lower producer.max.request.size");
            }
        });
        return problems;
    }

    private static Integer partitionsOrNull(KafkaFuture<TopicDescription> description) {
        try {
            return get(description).partitions().size();
        } catch (UnknownTopicOrPartitionException e) {
            return null;
        }
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException cause) {
                throw cause;
            }
            throw new KafkaException("the brokers could not be asked for their topics", e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("the brokers did not say within " + SECONDS + " s which topics there are", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while asking for topics", e);
        }
    }
}
