package dev.gradwatch.app.engine;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The engine in a process of its own, so that it can be killed. */
final class EngineProcess {

    private EngineProcess() {}

    static Process start(EngineSettings settings, Path log) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(
                java,
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                EngineProcess.class.getName(),
                settings.applicationId(),
                settings.stateDir().toString());
        Map<String, String> environment = builder.environment();
        settings.kafka()
                .forEach((key, value) ->
                        environment.put("KAFKA_" + key.replace('.', '_').toUpperCase(Locale.ROOT), key + "=" + value));
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log.toString())))
                .start();
    }

    public static void main(String[] arguments) throws InterruptedException {
        TestSettings settings = new TestSettings(Path.of(arguments[1]))
                .applicationId(arguments[0])
                .prefix(arguments[0])
                .threads(2)
                .commitInterval(java.time.Duration.ofMillis(300));
        System.getenv().forEach((name, value) -> {
            if (name.startsWith("KAFKA_") && value.indexOf('=') > 0) {
                List<String> pair = List.of(value.split("=", 2));
                settings.kafka(pair.get(0), pair.get(1));
            }
        });
        // Ids are given in the order of registration, so they are the same in the test's own registry.
        try (EngineUnderTest engine =
                new EngineUnderTest(settings.build(), new InMemoryRegistry(), EngineListener.NONE)) {
            engine.awaitRunning();
            new CountDownLatch(1).await();
        }
    }
}
