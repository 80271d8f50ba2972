package dev.gradwatch.app.service.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.UnauthorizedResponse;
import io.javalin.util.JavalinBindException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one HTTP port of the service. Knows nothing of what its endpoints say; guards them with the bearer token and lists them at {@code /}.
 */
public final class HttpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final int MOST_THREADS = 16;
    private static final int LEAST_THREADS = 4;

    private final String host;
    private final int wantedPort;
    private final byte[] expectedHeader;
    private final Set<String> openPaths;
    private final List<Endpoint> endpoints;
    private final Javalin javalin;

    /**
     * Prepares a server that does not listen yet.
     *
     * @param port 0 takes a free one
     * @param token empty: every path is open
     */
    public HttpServer(String host, int port, Optional<String> token, List<Endpoint> endpoints) {
        this.host = host;
        this.wantedPort = port;
        this.expectedHeader = token.map(secret -> ("Bearer " + secret).getBytes(StandardCharsets.UTF_8))
                .orElse(null);
        List<Endpoint> all = new ArrayList<>(endpoints);
        all.add(new Endpoint("/", "This list.", false, this::list));
        this.endpoints = List.copyOf(all);
        this.openPaths =
                all.stream().filter(Endpoint::open).map(Endpoint::path).collect(Collectors.toUnmodifiableSet());
        this.javalin = Javalin.create(this::configure);
    }

    /** Listens from now on. */
    public void start() {
        try {
            javalin.start(host, wantedPort);
        } catch (JavalinBindException e) {
            throw new IllegalStateException(
                    "Cannot listen on " + host + ":" + wantedPort + " (" + rootMessage(e)
                            + "): choose another http.port, or 0 for a free one",
                    e);
        }
    }

    /** The base address; only after {@link #start()}. */
    public URI address() {
        String reachable = host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        String bracketed = reachable.contains(":") ? "[" + reachable + "]" : reachable;
        return URI.create("http://" + bracketed + ":" + javalin.port());
    }

    @Override
    public void close() {
        javalin.stop();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.startupWatcherEnabled = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.http.generateEtags = false;
        config.jetty.threadPool = daemonThreads();
        config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
        config.routes.before(this::guard);
        for (Endpoint endpoint : endpoints) {
            config.routes.addHttpHandler(endpoint.method(), endpoint.path(), endpoint.handler());
        }
        config.routes.exception(Exception.class, (e, ctx) -> {
            LOG.error("{} {} failed", ctx.method(), ctx.path(), e);
            ctx.status(500).contentType("text/plain").result("This failed; the service's log says why.\n");
        });
    }

    private static QueuedThreadPool daemonThreads() {
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, LEAST_THREADS);
        threads.setName("http");
        threads.setDaemon(true);
        return threads;
    }

    private void guard(Context ctx) {
        ctx.header("Cache-Control", "no-store").header("X-Content-Type-Options", "nosniff");
        if (expectedHeader == null && ctx.method() != HandlerType.GET && !isLocal(ctx)) {
            throw new UnauthorizedResponse("Without http.token only this machine may change anything.");
        }
        if (expectedHeader == null || openPaths.contains(ctx.path())) {
            return;
        }
        String given = ctx.header("Authorization");
        // Compared in constant time, so that nobody measures a way to the token.
        if (given == null || !MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expectedHeader)) {
            ctx.header("WWW-Authenticate", "Bearer");
            throw new UnauthorizedResponse("This path wants the header 'Authorization: Bearer <http.token>'.");
        }
    }

    private static boolean isLocal(Context ctx) {
        try {
            // An address and not a name, so nobody is asked for it. Pages of a browser say where they come from.
            return InetAddress.getByName(ctx.ip()).isLoopbackAddress() && ctx.header("Origin") == null;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private void list(Context ctx) {
        StringBuilder text = new StringBuilder("Gradwatch\n\n");
        endpoints.forEach(endpoint -> text.append(String.format("%-16s %s%n", endpoint.path(), endpoint.doc())));
        ctx.contentType("text/plain; charset=utf-8").result(text.toString());
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }
}
