package dev.gradwatch.cluster;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The contract held against a registry that others wrote: it keeps the embedded one honest. */
@EnabledIfSystemProperty(
        named = "gradwatch.apicurio.dir",
        matches = ".+",
        disabledReason = "needs an unpacked Apicurio Registry: run with -Papicurio, or set gradwatch.apicurio.dir")
class ApicurioContractIT extends RegistryContract {

    @TempDir
    static Path folder;

    private static Process process;
    private static String address;

    @BeforeAll
    static void startApicurio() throws IOException {
        int port = LoopbackPorts.choose(folder).broker();
        address = "http://127.0.0.1:" + port;
        Path output = folder.resolve("apicurio.log");
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dapicurio.datasource.url=jdbc:h2:file:" + folder.resolve("registry"),
                        "-jar",
                        runner().toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        await().atMost(Duration.ofMinutes(2)).ignoreExceptions().until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("Apicurio ended by itself:\n" + Files.readString(output));
            }
            return ready();
        });
    }

    @AfterAll
    static void stopApicurio() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Override
    String registryUrl() {
        return address + "/apis/ccompat/v7";
    }

    private static boolean ready() throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(address + "/health/ready"))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode()
                == 200;
    }

    private static Path runner() throws IOException {
        Path unpacked = Path.of(System.getProperty("gradwatch.apicurio.dir"));
        try (Stream<Path> files = Files.walk(unpacked)) {
            return files.filter(f -> f.getFileName().toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("No *-runner.jar of Apicurio under " + unpacked));
        }
    }
}
