package dev.gradwatch.app.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gradwatch.detection.event.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens to the files of a state between two starts, the state comes from the changelog and the alerts are the same. */
class DamagedStateIT {

    @TempDir
    private static Path brokerFolder;

    private static BrokerUnderTest broker;

    @TempDir
    private Path folder;

    /** What a bad disk, a full one or a person may do to a file. */
    enum Damage {
        GARBLED_TABLE(".sst") {
            @Override
            byte[] of(byte[] bytes) {
                // The middle of a data block, which nothing but a read notices.
                bytes[bytes.length / 4] ^= 0x55;
                return bytes;
            }
        },
        CUT_TABLE(".sst") {
            @Override
            byte[] of(byte[] bytes) {
                return java.util.Arrays.copyOf(bytes, bytes.length / 2);
            }
        },
        MISSING_TABLE(".sst") {
            @Override
            byte[] of(byte[] bytes) {
                return null;
            }
        },
        CUT_MANIFEST("MANIFEST-") {
            @Override
            byte[] of(byte[] bytes) {
                return java.util.Arrays.copyOf(bytes, bytes.length * 2 / 3);
            }
        },
        EMPTY_CURRENT("CURRENT") {
            @Override
            byte[] of(byte[] bytes) {
                return new byte[0];
            }
        },
        MISSING_CURRENT("CURRENT") {
            @Override
            byte[] of(byte[] bytes) {
                return null;
            }
        };

        private final String file;

        Damage(String file) {
            this.file = file;
        }

        abstract byte[] of(byte[] bytes);
    }

    @BeforeAll
    static void startBroker() {
        broker = BrokerUnderTest.start(brokerFolder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void restoresADamagedStateAndGoesOn(Damage damage) throws IOException {
        FleetOnBroker fleet = new FleetOnBroker(broker, 2);
        List<RunRecord> records = PublishedRuns.fleet("run", 12, 3);
        Path stateDir = folder.resolve("state");
        AtomicInteger damaged = new AtomicInteger();
        EngineListener listener = new EngineListener() {
            @Override
            public void stateDamaged(int partition) {
                damaged.incrementAndGet();
            }
        };
        EngineSettings settings =
                EngineUnderTest.settings(broker, fleet.topics, stateDir).build();
        fleet.publish(records.subList(0, records.size() / 2));
        try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener)) {
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        assertThat(damaged).hasValue(0);
        try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener)) {
            engine.awaitRunning();
        }
        assertThat(damaged).as("nothing is wrong with an undamaged state").hasValue(0);

        damageOneTask(stateDir, damage);
        fleet.publish(records.subList(records.size() / 2, records.size()));
        try (EngineUnderTest engine = new EngineUnderTest(settings, fleet.registry, listener)) {
            fleet.awaitProcessed();
            assertThat(engine.ends).isEmpty();
        }
        fleet.assertAlertsAreThoseOfTheCore(records);
        assertThat(damaged).hasValue(1);
        assertThat(stateDir.resolve(fleet.topics.prefix()).resolve("damaged")).isNotEmptyDirectory();
    }

    private static void damageOneTask(Path stateDir, Damage damage) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(stateDir)) {
            all.filter(Files::isRegularFile)
                    .filter(path -> path.toString().contains("0_0"))
                    .filter(path -> path.getFileName().toString().contains(damage.file))
                    .sorted(Comparator.comparingLong(path -> -path.toFile().length()))
                    .forEach(files::add);
        }
        assertThat(files).isNotEmpty();
        Path victim = files.get(0);
        byte[] damaged = damage.of(Files.readAllBytes(victim));
        if (damaged == null) {
            Files.delete(victim);
        } else {
            Files.write(victim, damaged);
        }
    }
}
