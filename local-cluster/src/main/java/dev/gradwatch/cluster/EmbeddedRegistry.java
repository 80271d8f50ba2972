package dev.gradwatch.cluster;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * A schema registry in this process that speaks Confluent's API, for Avro: the paths, answers and error codes that
 * Confluent's clients rely on. Reachable on loopback only, durable in one JSON file, because the records in a durable
 * broker name schemas by id.
 *
 * <p>Threads: a small pool answers requests; all methods may be called from any thread. Closing breaks open connections,
 * and a registry that is started again on the same file and port carries on: that is how tests make an outage.
 */
public final class EmbeddedRegistry implements AutoCloseable {

    private static final int THREADS = 4;

    /**
     * What a test may ask of the registry besides its job.
     *
     * @param authorization what the header {@code Authorization} of every request must say, null for anything
     * @param tls set for HTTPS, null for plain HTTP
     */
    public record Options(String authorization, SSLContext tls) {

        public static final Options NONE = new Options(null, null);

        /** Every request must carry exactly this value in its header {@code Authorization}; others get status 401. */
        public Options requireAuthorization(String exactHeaderValue) {
            return new Options(exactHeaderValue, tls);
        }

        /** Serve HTTPS with the key of this context. */
        public Options https(SSLContext context) {
            return new Options(authorization, context);
        }
    }

    private final HttpServer server;
    private final ExecutorService pool;
    private final RegistryFile file;
    private final String url;
    private boolean running = true;

    private EmbeddedRegistry(HttpServer server, ExecutorService pool, RegistryFile file, String url) {
        this.server = server;
        this.pool = pool;
        this.file = file;
        this.url = url;
    }

    /**
     * Starts on the schemas of this file, which is created when it is new.
     *
     * @param port 0 for any free one
     */
    public static EmbeddedRegistry start(Path file, int port) {
        return start(file, port, Options.NONE);
    }

    /** As {@link #start(Path, int)}, with options. */
    public static EmbeddedRegistry start(Path file, int port, Options options) {
        RegistryFile opened = null;
        try {
            opened = RegistryFile.open(file);
            RegistryApi api = new RegistryApi(new SubjectRegistry(opened));
            HttpServer server = bind(port, options.tls());
            ExecutorService pool = Executors.newFixedThreadPool(THREADS, task -> {
                Thread thread = new Thread(task, "embedded-registry");
                thread.setDaemon(true);
                return thread;
            });
            server.setExecutor(pool);
            server.createContext("/", new RegistryHandler(api, options.authorization()));
            server.start();
            String scheme = options.tls() == null ? "http" : "https";
            String url = scheme + "://" + EmbeddedBroker.LOOPBACK + ":"
                    + server.getAddress().getPort();
            return new EmbeddedRegistry(server, pool, opened, url);
        } catch (IOException | RuntimeException e) {
            ClusterStartException failed = new ClusterStartException(
                    "The embedded schema registry could not start with the file " + file + " on port " + port + ": "
                            + e.getMessage(),
                    e);
            if (opened != null) {
                try {
                    opened.close();
                } catch (IOException alsoFailed) {
                    failed.addSuppressed(alsoFailed);
                }
            }
            throw failed;
        }
    }

    /** The address for {@code schema.registry.url}, without a slash at the end. */
    public String url() {
        return url;
    }

    @Override
    public synchronized void close() {
        if (!running) {
            return;
        }
        running = false;
        server.stop(0);
        pool.shutdownNow();
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("The lock of the registry's file could not be given back", e);
        }
    }

    private static HttpServer bind(int port, SSLContext tls) throws IOException {
        InetSocketAddress address = new InetSocketAddress(LoopbackPorts.loopback(), port);
        if (tls == null) {
            return HttpServer.create(address, 0);
        }
        HttpsServer server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }
}
