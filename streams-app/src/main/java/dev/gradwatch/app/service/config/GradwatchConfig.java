package dev.gradwatch.app.service.config;

import dev.gradwatch.app.engine.EngineSettings;
import dev.gradwatch.app.engine.HeapBounds;
import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.app.engine.partitions.BadRecords;
import dev.gradwatch.app.service.config.ConfigLayers.Assigned;
import dev.gradwatch.app.service.config.KeyCatalogue.KnownKey;
import dev.gradwatch.detection.DetectionSettings;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * The whole configuration, checked. There is no such object with an unknown key or an unusable value. Immutable.
 *
 * <p>Layers, each over the one before: defaults, a file that was found, environment ({@code GRADWATCH_HTTP_PORT} for {@code http.port}),
 * system properties ({@code gradwatch.http.port}), a file that the command line names, the command line's own values.
 */
public final class GradwatchConfig {

    private final Settings settings;
    private final Map<String, Assigned> assigned;
    private final DetectionSettings detectors;

    private GradwatchConfig(Settings settings, Map<String, Assigned> assigned, DetectionSettings detectors) {
        this.settings = settings;
        this.assigned = assigned;
        this.detectors = detectors;
    }

    /**
     * Reads every layer.
     *
     * @param fileOrNull a properties file that must be there, and goes before the environment; {@code null}: the one named by {@code GRADWATCH_CONFIG}, else
     *     {@code ./gradwatch.properties} when there is one
     * @param overrides the command line's values by key
     * @throws ConfigurationException with everything that is wrong
     */
    public static GradwatchConfig load(Path fileOrNull, Map<String, String> overrides) {
        return load(fileOrNull, overrides, ProcessEnvironment.ofProcess());
    }

    /** Defaults and the given values alone: nothing around the process changes it. */
    public static GradwatchConfig of(Map<String, String> values) {
        return load(null, values, ProcessEnvironment.NONE);
    }

    static GradwatchConfig load(Path fileOrNull, Map<String, String> overrides, ProcessEnvironment environment) {
        List<String> problems = new ArrayList<>();
        Map<String, Assigned> assigned = ConfigLayers.read(fileOrNull, overrides, environment, problems);
        ValueChecks checks = new ValueChecks(assigned, problems);
        checks.checkAll();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        Settings settings = map(assigned);
        checkTogether(settings, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new GradwatchConfig(settings, assigned, DetectionSettings.of(checks.detectorParameters()));
    }

    /** Every key, typed. */
    public Settings settings() {
        return settings;
    }

    public Topics topics() {
        return new Topics(settings.topics().prefix());
    }

    public DetectionSettings detectors() {
        return detectors;
    }

    /** What a plain consumer, producer or admin client needs to reach the brokers. */
    public Map<String, String> kafkaClientProperties() {
        Map<String, String> properties =
                KafkaPassThrough.forPlainClient(settings.kafka().properties());
        properties.put("bootstrap.servers", String.join(",", settings.kafka().bootstrapServers()));
        return properties;
    }

    /** What the engine is started with. */
    public EngineSettings toEngineSettings() {
        Map<String, String> kafka = new HashMap<>(settings.kafka().properties());
        kafka.put("bootstrap.servers", String.join(",", settings.kafka().bootstrapServers()));
        kafka.put("replication.factor", Integer.toString(settings.topics().replicationFactor()));
        kafka.put("group.protocol", settings.streams().groupProtocol());
        if (settings.streams().standbyReplicas() > 0) {
            kafka.put(
                    "num.standby.replicas", Integer.toString(settings.streams().standbyReplicas()));
        }
        return new EngineSettings(
                settings.streams().applicationId(),
                settings.streams().instanceId().orElse(""),
                topics(),
                settings.streams().threads(),
                settings.streams().stateDir(),
                settings.streams().commitInterval(),
                settings.streams().alertCommitInterval(),
                HeapBounds.liveRuns(
                        settings.runs().cached(), Runtime.getRuntime().maxMemory()),
                HeapBounds.knownRuns(
                        settings.runs().known(), Runtime.getRuntime().maxMemory()),
                settings.runs().statusInterval(),
                settings.runs().retainFinished(),
                settings.runs().retainSilent(),
                settings.deadLetters().maxShare(),
                settings.deadLetters().minCount(),
                BadRecords.Reaction.valueOf(settings.deadLetters().whenTooMany().toUpperCase(Locale.ROOT)),
                settings.registry().patience(),
                detectors,
                kafka);
    }

    /** Every key with its value and where that comes from, secrets hidden; last the client properties and detector parameters that were set. */
    public List<ConfigEntry> explain() {
        List<ConfigEntry> entries = new ArrayList<>();
        for (KnownKey key : KeyCatalogue.keys()) {
            String defaultValue = key.defaultValue() == null ? "" : key.defaultValue();
            Assigned set = assigned.getOrDefault(key.name(), new Assigned(defaultValue, "default"));
            boolean hide = key.key().secret() && !set.value().isBlank();
            String value = hide ? SecretMask.HIDDEN : SecretMask.shown(set.value());
            entries.add(new ConfigEntry(
                    key.name(), value, set.source(), defaultValue, key.key().doc()));
        }
        assigned.forEach((key, set) -> {
            if (KeyCatalogue.isOpen(key)) {
                String value = SecretMask.isSecret(key) || SecretMask.isSecret(ownName(key))
                        ? SecretMask.HIDDEN
                        : SecretMask.shown(set.value());
                entries.add(new ConfigEntry(key, value, set.source(), "", "passed to the client as it is"));
            } else if (key.startsWith(KeyCatalogue.DETECTORS)) {
                var parameter = KeyCatalogue.detectorKeys().get(key);
                entries.add(new ConfigEntry(
                        key, set.value(), set.source(), Double.toString(parameter.defaultValue()), parameter.doc()));
            }
        });
        return entries;
    }

    /** Everything in the values that must never be shown: whole secrets, and each part of them that could stand alone in a message. */
    public Set<String> secrets() {
        Set<String> secrets = new TreeSet<>();
        assigned.forEach((key, set) -> {
            KnownKey known = KeyCatalogue.find(key);
            boolean secret = known == null
                    ? KeyCatalogue.isOpen(key) && (SecretMask.isSecret(key) || SecretMask.isSecret(ownName(key)))
                    : known.key().secret();
            secrets.addAll(secret ? SecretMask.parts(set.value()) : SecretMask.usersOf(set.value()));
        });
        return secrets;
    }

    /** The keys that somebody set, without their values. */
    @Override
    public String toString() {
        return "GradwatchConfig" + assigned.keySet();
    }

    private static String ownName(String openKey) {
        return KeyCatalogue.OPEN_GROUPS.stream()
                .filter(openKey::startsWith)
                .map(group -> openKey.substring(group.length()))
                .findFirst()
                .orElse(openKey);
    }

    private static Settings map(Map<String, Assigned> assigned) {
        Map<String, String> properties = new TreeMap<>();
        assigned.forEach((key, set) -> {
            if (!set.value().isBlank()) {
                properties.put(Settings.PREFIX + "." + quoted(key), trimmed(key, set.value()));
            }
        });
        // No default interceptors: a password that holds "${" is a password, not an expression.
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(properties, "gradwatch", 100))
                .withConverter(Duration.class, 1000, (Converter<Duration>) DurationText::parse)
                .withMapping(Settings.class)
                .build()
                .getConfigMapping(Settings.class);
    }

    private static String trimmed(String key, String value) {
        KnownKey known = KeyCatalogue.find(key);
        return known != null && known.list() ? value.trim().replaceAll("\\s*,\\s*", ",") : value;
    }

    /** Client properties have dots of their own, which would otherwise be read as levels. */
    private static String quoted(String key) {
        return KeyCatalogue.OPEN_GROUPS.stream()
                .filter(key::startsWith)
                .map(group -> group + '"' + key.substring(group.length()) + '"')
                .findFirst()
                .orElse(key);
    }

    private static void checkTogether(Settings settings, List<String> problems) {
        Settings.Streams streams = settings.streams();
        if (streams.alertCommitInterval().compareTo(streams.commitInterval()) > 0) {
            problems.add("streams.alert-commit-interval: must not be longer than streams.commit-interval");
        }
        if (streams.groupProtocol().equals("streams") && streams.standbyReplicas() > 0) {
            problems.add("streams.standby-replicas: with streams.group-protocol = streams the brokers decide it;"
                    + " set num.standby.replicas of the group there");
        }
        if (streams.groupProtocol().equals("streams") && streams.instanceId().isPresent()) {
            problems.add("streams.instance-id: the group protocol streams has no static members; leave it out");
        }
        if (settings.topics().replicationFactor() == 0) {
            problems.add("topics.replication-factor = 0: expected 1 or more, or -1 for the brokers' default");
        }
    }
}
