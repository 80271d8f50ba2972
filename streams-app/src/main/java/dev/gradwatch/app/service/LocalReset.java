package dev.gradwatch.app.service;

import dev.gradwatch.app.engine.Stores;
import dev.gradwatch.app.service.brokers.BrokerClient;
import dev.gradwatch.app.service.brokers.BrokersUnavailableException;
import dev.gradwatch.app.service.config.GradwatchConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListStreamsGroupOffsetsSpec;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Forgets what the service knows, so that it starts again from the first record that the topic still holds. Says first what goes: the local
 * state, the committed offsets and the internal topics of this application id, and nothing else. Not thread-safe.
 */
public final class LocalReset implements AutoCloseable {

    private static final String LOCAL_STATE = "local state";
    private static final String OFFSETS = "committed offsets";
    private static final String INTERNAL_TOPIC = "internal topic";

    /** Something that goes: {@code kind} such as local state, committed offsets, internal topic; {@code detail} says how much. */
    public record Item(String kind, String name, String detail) {}

    /**
     * What would go.
     *
     * @param items in the order in which they go
     * @param obstacles what stands against it; empty: nothing does
     * @param consequences what to know before saying yes
     */
    public record Plan(List<Item> items, List<String> obstacles, List<String> consequences) {}

    private final GradwatchConfig config;
    private final String applicationId;
    private final BrokerClient brokers;

    public LocalReset(GradwatchConfig config) {
        this.config = config;
        this.applicationId = config.settings().streams().applicationId();
        this.brokers = BrokerClient.open(config);
    }

    /** Looks and changes nothing. */
    public Plan plan() {
        List<Item> items = new ArrayList<>();
        List<String> obstacles = new ArrayList<>();
        group().ifPresent(group -> {
            items.add(new Item(OFFSETS, applicationId, committedPartitions(group) + " partitions"));
            liveMembers(group).ifPresent(obstacles::add);
        });
        Set<String> internal = Set.copyOf(Stores.internalTopics(applicationId));
        brokers.await(brokers.admin().listTopics().names()).stream()
                .filter(internal::contains)
                .sorted()
                .forEach(topic -> items.add(new Item(INTERNAL_TOPIC, topic, "with all its records")));
        if (Files.isDirectory(stateFolder(), LinkOption.NOFOLLOW_LINKS)) {
            items.add(new Item(LOCAL_STATE, stateFolder().toString(), sizeOf(stateFolder())));
        }
        List<String> consequences = items.isEmpty()
                ? List.of()
                : List.of("The next start reads " + config.topics().trainingEvents()
                        + " from its first record; alerts that are in "
                        + config.topics().alerts() + " stay there and will be written again, with the same ids.");
        return new Plan(List.copyOf(items), List.copyOf(obstacles), consequences);
    }

    /**
     * Carries the plan out.
     *
     * @throws IllegalStateException when the plan has obstacles
     */
    public void execute(Plan plan) {
        if (!plan.obstacles().isEmpty()) {
            throw new IllegalStateException("Nothing was reset: " + String.join("; ", plan.obstacles()));
        }
        // Somebody may have started an instance while the plan was read.
        group().flatMap(this::liveMembers).ifPresent(obstacle -> {
            throw new IllegalStateException("Nothing was reset: " + obstacle);
        });
        for (Item item : plan.items()) {
            switch (item.kind()) {
                case OFFSETS -> deleteGroup();
                case INTERNAL_TOPIC -> deleteTopic(item.name());
                default -> deleteFolder(stateFolder());
            }
        }
    }

    @Override
    public void close() {
        brokers.close();
    }

    private Path stateFolder() {
        return config.settings().streams().stateDir().resolve(applicationId);
    }

    private Optional<GroupListing> group() {
        return brokers.await(brokers.admin().listGroups().all()).stream()
                .filter(listing -> listing.groupId().equals(applicationId))
                .findFirst();
    }

    /** Why the group's state may not be deleted; empty when nobody uses it. */
    private Optional<String> liveMembers(GroupListing group) {
        GroupState state = group.groupState().orElse(GroupState.UNKNOWN);
        if (state == GroupState.EMPTY || state == GroupState.DEAD) {
            return Optional.empty();
        }
        return Optional.of("the service with application id " + applicationId + " still runs (its group is "
                + state.toString().toLowerCase(Locale.ROOT)
                + "): stop every instance first; one that was killed is counted for up to a minute");
    }

    private static boolean isStreamsGroup(GroupListing group) {
        return group.type().filter(type -> type == GroupType.STREAMS).isPresent();
    }

    private int committedPartitions(GroupListing group) {
        var admin = brokers.admin();
        var offsets = isStreamsGroup(group)
                ? admin.listStreamsGroupOffsets(java.util.Map.of(applicationId, new ListStreamsGroupOffsetsSpec()))
                        .partitionsToOffsetAndMetadata(applicationId)
                : admin.listConsumerGroupOffsets(java.util.Map.of(applicationId, new ListConsumerGroupOffsetsSpec()))
                        .partitionsToOffsetAndMetadata(applicationId);
        return brokers.await(offsets).size();
    }

    private void deleteGroup() {
        Optional<GroupListing> group = group();
        if (group.isEmpty()) {
            return;
        }
        List<String> ids = List.of(applicationId);
        try {
            brokers.awaitChange(
                    isStreamsGroup(group.get())
                            ? brokers.admin().deleteStreamsGroups(ids).all()
                            : brokers.admin().deleteConsumerGroups(ids).all());
        } catch (GroupIdNotFoundException e) {
            // Somebody was faster; it is gone, which is what was wanted.
        }
    }

    private void deleteTopic(String topic) {
        try {
            brokers.awaitChange(brokers.admin().deleteTopics(List.of(topic)).all());
        } catch (BrokersUnavailableException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }

    private static String sizeOf(Path folder) {
        AtomicLong files = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        visit(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.incrementAndGet();
                bytes.addAndGet(attributes.size());
                return FileVisitResult.CONTINUE;
            }
        });
        return String.format(Locale.ROOT, "%d files, %.1f MB", files.get(), bytes.get() / 1e6);
    }

    /** Links inside are removed, not followed. */
    private static void deleteFolder(Path folder) {
        visit(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void visit(Path folder, SimpleFileVisitor<Path> visitor) {
        try {
            Files.walkFileTree(folder, visitor);
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + folder + " cannot be read or removed: " + e.getMessage(), e);
        }
    }
}
