package dev.gradwatch.cluster;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** Kafka's settings for one node that is broker and controller at once and is alone in its cluster. */
final class BrokerSettings {

    static final int NODE_ID = 1;

    private BrokerSettings() {}

    /** @param extra settings of the caller; they win over everything here */
    static Properties of(Path logFolder, LoopbackPorts ports, Map<String, String> extra) {
        Properties settings = new Properties();
        identity(settings, logFolder, ports);
        singleNode(settings);
        quickStartAndStop(settings);
        smallFootprint(settings);
        // A mistyped topic name should be an error here too, as in most production clusters.
        settings.setProperty("auto.create.topics.enable", "false");
        // Replayed runs carry event times of last year; retention by time would delete them as they arrive.
        settings.setProperty("log.retention.ms", "-1");
        extra.forEach(settings::setProperty);
        return settings;
    }

    private static void identity(Properties settings, Path logFolder, LoopbackPorts ports) {
        String broker = EmbeddedBroker.LOOPBACK + ":" + ports.broker();
        String controller = EmbeddedBroker.LOOPBACK + ":" + ports.controller();
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", Integer.toString(NODE_ID));
        settings.setProperty("listeners", "PLAINTEXT://" + broker + ",CONTROLLER://" + controller);
        settings.setProperty("advertised.listeners", "PLAINTEXT://" + broker);
        settings.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.setProperty("inter.broker.listener.name", "PLAINTEXT");
        settings.setProperty("controller.listener.names", "CONTROLLER");
        // Static voters, because a dynamic quorum stores the controller's port in its log and ours may change.
        settings.setProperty("controller.quorum.voters", NODE_ID + "@" + controller);
        settings.setProperty("log.dirs", logFolder.toString());
    }

    private static void singleNode(Properties settings) {
        settings.setProperty("default.replication.factor", "1");
        settings.setProperty("min.insync.replicas", "1");
        settings.setProperty("offsets.topic.replication.factor", "1");
        settings.setProperty("transaction.state.log.replication.factor", "1");
        settings.setProperty("transaction.state.log.min.isr", "1");
        settings.setProperty("share.coordinator.state.topic.replication.factor", "1");
        settings.setProperty("share.coordinator.state.topic.min.isr", "1");
    }

    private static void quickStartAndStop(Properties settings) {
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        // After a hard halt the controller waits for the old session to end before it takes the broker back.
        settings.setProperty("broker.session.timeout.ms", "1500");
        settings.setProperty("broker.heartbeat.interval.ms", "300");
    }

    private static void smallFootprint(Properties settings) {
        settings.setProperty("offsets.topic.num.partitions", "5");
        settings.setProperty("transaction.state.log.num.partitions", "5");
        settings.setProperty("share.coordinator.state.topic.num.partitions", "5");
        settings.setProperty("log.cleaner.dedupe.buffer.size", "2097152");
        settings.setProperty("num.network.threads", "2");
        settings.setProperty("num.io.threads", "4");
        settings.setProperty("background.threads", "2");
    }
}
