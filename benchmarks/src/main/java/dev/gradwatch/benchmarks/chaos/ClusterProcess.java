package dev.gradwatch.benchmarks.chaos;

import dev.gradwatch.cluster.EmbeddedBroker;
import dev.gradwatch.cluster.EmbeddedRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A broker or a registry as a process of its own, so that it can be killed. Its address is in a file when it takes requests. */
public final class ClusterProcess {

    private ClusterProcess() {}

    /**
     * Starts one neighbour and runs it until the process is killed.
     *
     * @param arguments {@code broker FOLDER ADDRESS-FILE}, or {@code registry FILE PORT ADDRESS-FILE}
     */
    public static void main(String[] arguments) throws Exception {
        String address = arguments[0].equals("broker")
                ? EmbeddedBroker.start(Path.of(arguments[1]), Map.of("log.retention.ms", "-1"))
                        .bootstrapServers()
                : EmbeddedRegistry.start(Path.of(arguments[1]), Integer.parseInt(arguments[2]))
                        .url();
        Files.writeString(Path.of(arguments[arguments.length - 1]), address);
        new CountDownLatch(1).await();
    }
}
