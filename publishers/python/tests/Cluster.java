import dev.gradwatch.cluster.EmbeddedBroker;
import dev.gradwatch.cluster.EmbeddedRegistry;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * A broker and a registry for the publisher's tests, told on stdin what to do: {@code start-broker}, {@code stop-broker},
 * {@code halt-broker}, {@code start-registry}, {@code stop-registry}, {@code create TOPIC}. Each answer is one line: an address, or
 * {@code done}. Ends with its stdin. Both come back under the address they had.
 *
 * <p>{@code java -cp 'sandbox/target/lib/*' publishers/python/tests/Cluster.java FOLDER}
 */
public final class Cluster {

    private final Path folder;
    private EmbeddedBroker broker;
    private EmbeddedRegistry registry;
    private int registryPort;

    private Cluster(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        Cluster cluster = new Cluster(Path.of(args[0]));
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                System.out.println(cluster.obey(command.split(" ")));
            }
        }
        // The broker's threads need not be waited for: nobody wants the folder any more.
        Runtime.getRuntime().halt(0);
    }

    private String obey(String... words) throws Exception {
        switch (words[0]) {
            case "start-broker" -> {
                broker = EmbeddedBroker.start(folder.resolve("broker"));
                return broker.bootstrapServers();
            }
            case "stop-broker" -> broker.close();
            case "halt-broker" -> broker.halt();
            case "start-registry" -> {
                registry = EmbeddedRegistry.start(folder.resolve("registry.json"), registryPort);
                registryPort = URI.create(registry.url()).getPort();
                return registry.url();
            }
            case "stop-registry" -> registry.close();
            case "create" -> {
                try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                    admin.createTopics(List.of(new NewTopic(words[1], 2, (short) 1))).all().get();
                }
            }
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
        return "done";
    }
}
