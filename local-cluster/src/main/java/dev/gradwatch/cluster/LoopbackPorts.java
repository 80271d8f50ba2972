package dev.gradwatch.cluster;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The two ports of a broker. A cluster that keeps its records should also keep its address, so that a client configured
 * yesterday still finds it today: the ports are remembered next to the records and taken again when nobody else has
 * them.
 */
record LoopbackPorts(int broker, int controller) {

    private static final String FILE = "ports.properties";
    private static final String BROKER = "broker";
    private static final String CONTROLLER = "controller";

    /** The remembered ports where they are free, other free ones where they are not. */
    static LoopbackPorts choose(Path folder) throws IOException {
        Properties remembered = remembered(folder.resolve(FILE));
        // Both stay bound until both are known: otherwise the system may hand out the same port twice.
        try (ServerSocket broker = bind(port(remembered, BROKER));
                ServerSocket controller = bind(port(remembered, CONTROLLER))) {
            return new LoopbackPorts(broker.getLocalPort(), controller.getLocalPort());
        }
    }

    void remember(Path folder) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(BROKER, Integer.toString(broker));
        properties.setProperty(CONTROLLER, Integer.toString(controller));
        try (Writer writer = Files.newBufferedWriter(folder.resolve(FILE), StandardCharsets.UTF_8)) {
            properties.store(writer, "taken again at the next start when still free");
        }
    }

    private static Properties remembered(Path file) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
        }
        return properties;
    }

    /** 0, "any", for whatever is not a port: a remembered port is a convenience and never a reason to fail. */
    private static int port(Properties remembered, String name) {
        try {
            int port = Integer.parseInt(remembered.getProperty(name, "0").strip());
            return port > 0 && port <= 65_535 ? port : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Exactly 127.0.0.1: the platform's own idea of loopback may be the IPv6 one. */
    static InetAddress loopback() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("Four bytes are always an address", e);
        }
    }

    private static ServerSocket bind(int preferred) throws IOException {
        InetAddress loopback = loopback();
        if (preferred != 0) {
            try {
                return new ServerSocket(preferred, 1, loopback);
            } catch (IOException taken) {
                // Somebody else has it by now: any other will do.
            }
        }
        return new ServerSocket(0, 1, loopback);
    }
}
