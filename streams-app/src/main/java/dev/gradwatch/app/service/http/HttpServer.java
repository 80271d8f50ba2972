package dev.gradwatch.app.service.http;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The one HTTP port of the service. Knows nothing of what its endpoints say; guards them with the bearer token and lists them at {@code /}.
 *
 * <p>Nobody can hold it up: answers are written without a thread that waits for the reader, connections that do nothing are closed after
 * {@link #IDLE}, and of too many connections the oldest are closed.
 */
public final class HttpServer implements AutoCloseable {

    /** Most connections at a time: scrapers and probes of a large cluster keep a dozen, and each takes a file descriptor. */
    static final int MOST_CONNECTIONS = 256;

    /** A reader who takes nothing for so long is gone: scrapes have a time-out of ten seconds by default. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    /** Threads: one accepts, one reads the sockets, the rest make pages, one at a time. */
    private static final int MOST_THREADS = 8;

    private static final int LEAST_THREADS = 4;

    /** How many connections may wait to be accepted. */
    private static final int BACKLOG = 128;

    /** A request has no body and a few headers. */
    private static final int MOST_HEADER_BYTES = 8 << 10;

    private final String host;
    private final int wantedPort;
    private final Server server;
    private final ServerConnector connector;

    /**
     * Prepares a server that does not listen yet.
     *
     * @param port 0 takes a free one
     * @param token empty: every path is open
     */
    public HttpServer(String host, int port, Optional<String> token, List<Endpoint> endpoints) {
        this.host = host;
        this.wantedPort = port;
        List<Endpoint> all = new ArrayList<>(endpoints);
        all.add(new Endpoint("/", "This list.", false, true, asked -> list(all)));
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, LEAST_THREADS);
        threads.setName("http");
        threads.setDaemon(true);
        server = new Server(threads);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration()));
        connector.setHost(host);
        connector.setPort(wantedPort);
        connector.setIdleTimeout(IDLE.toMillis());
        connector.setAcceptQueueSize(BACKLOG);
        connector.addBean(new ConnectionLimit());
        server.addConnector(connector);
        server.setHandler(new EndpointHandler(all, token));
        server.setErrorHandler(new PlainErrors());
    }

    /**
     * Listens from now on.
     *
     * @throws IllegalStateException when the address cannot be listened on, saying what to change
     */
    public void start() {
        try {
            server.start();
        } catch (Exception e) {
            close();
            throw new IllegalStateException(
                    "Cannot listen on " + host + ":" + wantedPort + " (" + rootMessage(e)
                            + "): choose another http.port, or 0 for a free one",
                    e instanceof IOException ? null : e);
        }
    }

    /** The base address; only after {@link #start()}. */
    public URI address() {
        String reachable = host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        String bracketed = reachable.contains(":") ? "[" + reachable + "]" : reachable;
        return URI.create("http://" + bracketed + ":" + connector.getLocalPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server did not stop: " + e.getMessage(), e);
        }
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setRequestHeaderSize(MOST_HEADER_BYTES);
        http.setUriCompliance(UriCompliance.DEFAULT);
        return http;
    }

    private static Endpoint.Answer list(List<Endpoint> endpoints) {
        StringBuilder text = new StringBuilder("Gradwatch\n\n");
        endpoints.forEach(endpoint -> text.append(String.format("%-16s %s%n", endpoint.path(), endpoint.doc())));
        return new Endpoint.Answer(200, "text/plain; charset=utf-8", text.toString());
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }

    /** Closes the oldest connection when there is one too many. */
    private static final class ConnectionLimit implements Connection.Listener {
        private final OldestFirstLimit<Connection> open = new OldestFirstLimit<>(
                MOST_CONNECTIONS, connection -> connection.getEndPoint().close());

        @Override
        public void onOpened(Connection connection) {
            open.add(connection);
        }

        @Override
        public void onClosed(Connection connection) {
            open.remove(connection);
        }
    }
}
