package dev.gradwatch.benchmarks.chaos;

import dev.gradwatch.app.service.TopicsAdmin;
import dev.gradwatch.app.service.config.GradwatchConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Broker, registry and instances of the service, each a process of its own. Owned by one thread. */
final class ChaosCluster implements AutoCloseable {

    private static final long START_SECONDS = 120;
    private static final String HEAP = "512m";

    private final Path folder;
    private final ChildProcess broker;
    private final ChildProcess registry;
    private final List<ChildProcess> services = new ArrayList<>();
    private final String bootstrapServers;
    private final String registryUrl;
    private final Map<String, Integer> ports = new HashMap<>();

    private ChaosCluster(Path folder, int partitions) throws IOException, InterruptedException {
        this.folder = folder;
        Path brokerAddress = folder.resolve("broker.address");
        Path registryAddress = folder.resolve("registry.address");
        broker = new ChildProcess(
                "broker",
                folder,
                HEAP,
                List.of(
                        ClusterProcess.class.getName(),
                        "broker",
                        folder.resolve("broker").toString(),
                        brokerAddress.toString()));
        broker.start();
        bootstrapServers = address(brokerAddress, broker);
        Path schemas = folder.resolve("schemas.json");
        String main = ClusterProcess.class.getName();
        ChildProcess first = new ChildProcess(
                "registry",
                folder,
                "128m",
                List.of(main, "registry", schemas.toString(), "0", registryAddress.toString()));
        first.start();
        registryUrl = address(registryAddress, first);
        first.close();
        // The port that it was given stays its port.
        String port = registryUrl.substring(registryUrl.lastIndexOf(':') + 1).replace("/", "");
        registry = new ChildProcess(
                "registry",
                folder,
                "128m",
                List.of(main, "registry", schemas.toString(), port, registryAddress.toString()));
        registry.start();
        for (String prefix : List.of(Chaos.DISTURBED, Chaos.UNDISTURBED)) {
            try (TopicsAdmin topics = new TopicsAdmin(config(prefix, "admin", partitions))) {
                topics.create();
            }
        }
    }

    static ChaosCluster start(Path folder, int partitions) throws IOException, InterruptedException {
        return new ChaosCluster(folder, partitions);
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    String registryUrl() {
        return registryUrl;
    }

    ChildProcess broker() {
        return broker;
    }

    ChildProcess registry() {
        return registry;
    }

    List<ChildProcess> services() {
        return services;
    }

    /** Starts one more instance that works on the topics of this prefix. */
    ChildProcess addService(String prefix, String instance, int partitions) throws IOException {
        Path file = folder.resolve(instance + ".properties");
        List<String> lines = new ArrayList<>();
        values(prefix, instance, partitions).forEach((key, value) -> lines.add(key + "=" + value));
        Files.write(file, lines);
        ChildProcess service = new ChildProcess(
                instance, folder, HEAP, List.of("dev.gradwatch.commands.Main", "run", "--config", file.toString()));
        service.start();
        services.add(service);
        return service;
    }

    GradwatchConfig config(String prefix, String instance, int partitions) {
        return GradwatchConfig.of(values(prefix, instance, partitions));
    }

    private Map<String, String> values(String prefix, String instance, int partitions) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("kafka.bootstrap-servers", bootstrapServers);
        values.put("registry.urls", registryUrl);
        values.put("topics.prefix", prefix);
        values.put("topics.partitions", Integer.toString(partitions));
        values.put("topics.replication-factor", "1");
        values.put("topics.event-retention", "3650d");
        values.put("streams.application-id", prefix);
        values.put("streams.state-dir", folder.resolve("state-" + instance).toString());
        values.put("streams.instance-id", instance);
        values.put("http.port", Integer.toString(ports.computeIfAbsent(instance, name -> freePort())));
        // Depends on the clock on the wall, and so on the faults themselves.
        values.put("detectors.silent-run.least-seconds", "1000000");
        return values;
    }

    /** The page of an instance's meters. */
    URI metrics(String instance) {
        return URI.create("http://127.0.0.1:" + ports.get(instance) + "/metrics");
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String address(Path file, ChildProcess process) throws IOException, InterruptedException {
        for (long left = START_SECONDS * 10; left > 0; left--) {
            if (Files.exists(file) && Files.size(file) > 0) {
                return Files.readString(file);
            }
            if (!process.isAlive()) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IllegalStateException(process.name() + " does not start; see " + process.log());
    }

    @Override
    public void close() {
        services.forEach(ChildProcess::close);
        registry.close();
        broker.close();
    }
}
