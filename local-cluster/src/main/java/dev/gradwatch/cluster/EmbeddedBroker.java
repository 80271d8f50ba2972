package dev.gradwatch.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import kafka.server.BrokerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * A real Kafka broker in this process: one KRaft node, reachable on loopback only, durable in one folder.
 *
 * <p>The folder is formatted once; every later start finds the same cluster id, topics, offsets and records, and the
 * same address when its ports are still free. A folder serves one broker at a time. Kafka
 * ends the whole process when it can no longer write its logs: do not delete the folder of a running broker.
 *
 * <p>Threads: all methods may be called from any thread; stopping twice does nothing.
 */
public final class EmbeddedBroker implements AutoCloseable {

    static final String LOOPBACK = "127.0.0.1";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final String LOG_FOLDER = "log";
    private static final String LOCK_FILE = "in-use.lock";
    private static final String META_PROPERTIES = "meta.properties";
    private static final String CLEAN_SHUTDOWN_MARK = ".kafka_cleanshutdown";
    private static final int ATTEMPTS_TO_BIND = 3;

    private final KafkaRaftServer server;
    private final Path logFolder;
    private final LoopbackPorts ports;
    private final String clusterId;
    private final ExclusiveLock lock;
    private boolean running = true;

    private EmbeddedBroker(
            KafkaRaftServer server, Path logFolder, LoopbackPorts ports, String clusterId, ExclusiveLock lock) {
        this.server = server;
        this.logFolder = logFolder;
        this.ports = ports;
        this.clusterId = clusterId;
        this.lock = lock;
    }

    /** Starts a broker on this folder, which is created and formatted when it is new. Returns when it takes requests. */
    public static EmbeddedBroker start(Path dataFolder) {
        return start(dataFolder, Map.of());
    }

    /** As {@link #start(Path)}, with settings of Kafka's broker that win over the built-in ones. */
    public static EmbeddedBroker start(Path dataFolder, Map<String, String> extraSettings) {
        Path folder = dataFolder.toAbsolutePath().normalize();
        Path logFolder = folder.resolve(LOG_FOLDER);
        ExclusiveLock lock = null;
        try {
            Files.createDirectories(logFolder);
            // Kafka has a lock too, but takes it after its controller has begun to write into the other one's log.
            lock = ExclusiveLock.take(folder.resolve(LOCK_FILE), folder);
            return start(folder, logFolder, extraSettings, lock);
        } catch (IOException | RuntimeException e) {
            ClusterStartException failed = new ClusterStartException(
                    "The embedded Kafka broker could not start on the folder " + folder + ": " + e.getMessage()
                            + ". If its files are damaged, delete the folder (its topics and records go with it).",
                    e);
            release(lock, failed);
            throw failed;
        }
    }

    private static EmbeddedBroker start(
            Path folder, Path logFolder, Map<String, String> extraSettings, ExclusiveLock lock) throws IOException {
        for (int attempt = 1; ; attempt++) {
            LoopbackPorts ports = LoopbackPorts.choose(folder);
            KafkaConfig config = new KafkaConfig(BrokerSettings.of(logFolder, ports, extraSettings), false);
            String clusterId = formattedClusterId(logFolder, config);
            try {
                KafkaRaftServer server = startServer(config);
                ports.remember(folder);
                LOG.debug("Broker of cluster {} listens on {}:{}", clusterId, LOOPBACK, ports.broker());
                return new EmbeddedBroker(server, logFolder, ports, clusterId, lock);
            } catch (KafkaException e) {
                // Between choosing a port and taking it somebody else may have taken it.
                if (attempt == ATTEMPTS_TO_BIND || !causedByBind(e)) {
                    throw e;
                }
            }
        }
    }

    /** Where clients connect: {@code host:port}. */
    public String bootstrapServers() {
        return LOOPBACK + ":" + ports.broker();
    }

    /** The id that was given to the cluster when its folder was formatted; the same at every start. */
    public String clusterId() {
        return clusterId;
    }

    /**
     * Stops as a killed process would, as far as that is possible from inside: connections break at once and unanswered,
     * the broker does not sign off from its controller, and the next start has to recover every log. (What Kafka has
     * handed to the operating system is not lost; that is also true of a killed process.)
     */
    public synchronized void halt() {
        if (!running) {
            return;
        }
        running = false;
        try {
            BrokerServer broker = brokerOf(server);
            broker.socketServer().shutdown();
            broker.config().updateCurrentConfig(withoutSigningOff(broker.config()));
            server.shutdown();
            server.awaitShutdown();
            Files.deleteIfExists(logFolder.resolve(CLEAN_SHUTDOWN_MARK));
        } catch (IOException e) {
            throw new UncheckedIOException("The mark of a clean shutdown stays in " + logFolder, e);
        } finally {
            release();
        }
    }

    /** Stops in order: open transactions stay open, everything that was acknowledged is on disk. */
    @Override
    public synchronized void close() {
        if (!running) {
            return;
        }
        running = false;
        try {
            server.shutdown();
            server.awaitShutdown();
        } finally {
            release();
        }
    }

    private static KafkaRaftServer startServer(KafkaConfig config) {
        KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
        try {
            server.startup();
            return server;
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
    }

    private static String formattedClusterId(Path logFolder, KafkaConfig config) throws IOException {
        Path metaProperties = logFolder.resolve(META_PROPERTIES);
        if (!Files.exists(metaProperties)) {
            format(logFolder, config);
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(metaProperties, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        return properties.getProperty("cluster.id");
    }

    private static void format(Path logFolder, KafkaConfig config) throws IOException {
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .setNodeId(BrokerSettings.NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(config.metadataLogDir())
                    .addDirectory(logFolder.toString())
                    .setHasDynamicQuorum(false)
                    .run();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("The folder " + logFolder + " could not be formatted: " + e.getMessage(), e);
        }
    }

    private static boolean causedByBind(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, Object> withoutSigningOff(KafkaConfig config) {
        Map<String, Object> settings = new HashMap<>(config.originals());
        settings.put("controlled.shutdown.enable", "false");
        return settings;
    }

    /**
     * Kafka keeps its broker part private, and only that part knows the sockets and the settings that are read at a
     * shutdown. An upgrade that moves it makes {@code EmbeddedBrokerIT} fail.
     */
    private static BrokerServer brokerOf(KafkaRaftServer server) {
        try {
            Method broker = KafkaRaftServer.class.getDeclaredMethod("broker");
            broker.setAccessible(true);
            return (BrokerServer) ((Option<?>) broker.invoke(server)).get();
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("This version of Kafka hides its broker elsewhere: adapt halt()", e);
        }
    }

    private void release() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("The lock on " + logFolder.getParent() + " could not be given back", e);
        }
    }

    private static void release(ExclusiveLock lock, ClusterStartException failed) {
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
        }
    }
}
