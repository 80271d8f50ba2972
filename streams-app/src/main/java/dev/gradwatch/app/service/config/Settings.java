package dev.gradwatch.app.service.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every configuration key, typed. A method's name in kebab-case is the key's last part. Read it through {@link GradwatchConfig}, which has
 * checked every value before anybody sees one.
 */
@ConfigMapping(prefix = Settings.PREFIX)
public interface Settings {

    String PREFIX = "gradwatch";

    Kafka kafka();

    Registry registry();

    TopicLayout topics();

    Streams streams();

    Runs runs();

    DeadLetters deadLetters();

    Metrics metrics();

    Http http();

    Log log();

    @Key(doc = "A parameter of a detector: `detectors.<detector>.<parameter>`, as listed by `gradwatch detectors`.")
    Map<String, Map<String, String>> detectors();

    /** The brokers. */
    interface Kafka {
        @WithDefault("localhost:9092")
        @Key(
                doc = "Brokers to connect to first, `host:port`, separated by commas.",
                pattern = "[^,\\s:]+:\\d{1,5}|\\[[^\\]]+\\]:\\d{1,5}",
                patternDoc = "host:port")
        List<String> bootstrapServers();

        @Key(
                doc =
                        "Any Kafka client or Kafka Streams property, such as `kafka.properties.security.protocol`, `.sasl.jaas.config` or"
                                + " `.ssl.truststore.location`. Properties that have a key of their own, or that exactly-once delivery rests"
                                + " on, are refused.")
        Map<String, String> properties();
    }

    /** The schema registry. */
    interface Registry {
        @WithDefault("http://localhost:8081")
        @Key(
                doc =
                        "Addresses of the schema registry, separated by commas; the next is tried when one does not answer.",
                pattern = "(https?|mock)://\\S+",
                patternDoc = "an http:// or https:// address")
        List<String> urls();

        @WithDefault("true")
        @Key(
                doc =
                        "Whether the service registers its schemas when it starts. When false they must be there, or the service stops"
                                + " and says which one is missing.")
        boolean autoRegister();

        @WithDefault("2m")
        @Key(
                doc =
                        "How long one record may wait for an unreachable registry before its stream thread gives the attempt up and starts"
                                + " again from the last commit.",
                min = "1s",
                max = "30m")
        Duration patience();

        @Key(
                doc = "Any property of the registry client, such as `registry.properties.basic.auth.user.info`,"
                        + " `.bearer.auth.token` or `.schema.registry.ssl.truststore.location`.")
        Map<String, String> properties();
    }

    /** What `gradwatch topics create` makes, and what the service expects to find. */
    interface TopicLayout {
        @WithDefault("gradwatch")
        @Key(
                doc = "What the names of all topics begin with.",
                pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}",
                patternDoc = "letters, digits, '.', '_' and '-', at most 100 of them")
        String prefix();

        @WithDefault("12")
        @Key(
                doc =
                        "Partitions of each topic when `gradwatch topics create` makes it: the most instances and threads that can share the"
                                + " work. Changing it later moves runs away from their state.",
                min = "1",
                max = "10000")
        int partitions();

        @WithDefault("-1")
        @Key(
                doc =
                        "Copies of each partition, also of the service's internal topics; -1 leaves it to the brokers. Three in production.",
                min = "-1",
                max = "32")
        int replicationFactor();

        @WithDefault("7d")
        @Key(doc = "How long `training-events` keeps what runs said.", min = "1h", max = "3650d")
        Duration eventRetention();

        @WithDefault("30d")
        @Key(doc = "How long `alerts` keeps what was found.", min = "1h", max = "3650d")
        Duration alertRetention();

        @WithDefault("30d")
        @Key(doc = "How long `dead-letters` keeps what could not be read.", min = "1h", max = "3650d")
        Duration deadLetterRetention();
    }

    /** The Kafka Streams application. */
    interface Streams {
        @WithDefault("gradwatch")
        @Key(
                doc =
                        "Consumer group, prefix of transactions and of internal topics. Two services with the same id share the work.",
                pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}",
                patternDoc = "letters, digits, '.', '_' and '-', at most 100 of them")
        String applicationId();

        @Key(
                doc =
                        "A name of this instance that stays the same over restarts and that no other instance has, such as a"
                                + " StatefulSet's host name. With it a restart gets its partitions back without a rebalance; others take"
                                + " them over when it stays away for 8 s (`kafka.properties.main.consumer.session.timeout.ms`).",
                pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}",
                patternDoc = "letters, digits, '.', '_' and '-', at most 100 of them")
        Optional<String> instanceId();

        @WithDefault("2")
        @Key(doc = "Threads that process partitions in this instance.", min = "1", max = "64")
        int threads();

        @WithDefault("gradwatch-state")
        @Key(doc = "Folder for the state of runs. A restart that finds it needs no restore.")
        Path stateDir();

        @WithDefault("0")
        @Key(
                doc = "Copies of each partition's state that other instances keep warm, for a quick take-over.",
                min = "0",
                max = "8")
        int standbyReplicas();

        @WithDefault("classic")
        @Key(
                doc = "Group protocol: `classic`, or `streams` where the brokers have it switched on.",
                pattern = "classic|streams",
                patternDoc = "classic or streams")
        String groupProtocol();

        @WithDefault("1s")
        @Key(doc = "How often work is committed when nothing was found.", min = "100ms", max = "1m")
        Duration commitInterval();

        @WithDefault("100ms")
        @Key(
                doc =
                        "An alert is committed at once, but not more often than this; readers with `read_committed` see it then.",
                min = "10ms",
                max = "1m")
        Duration alertCommitInterval();

        @WithDefault("30s")
        @Key(doc = "How long a stop may take before it is forced.", min = "1s", max = "10m")
        Duration closeTimeout();
    }

    /** Runs and their states. */
    interface Runs {
        @WithDefault("0")
        @Key(
                doc =
                        "Runs of this instance whose state is kept ready in memory; others are read from disk when they speak."
                                + " Count about 8 KB of heap for each; 0: as many as fit a quarter of the heap.",
                min = "0",
                max = "100000000")
        int cached();

        @WithDefault("0")
        @Key(
                doc =
                        "Runs that this instance watches; beyond, the one that was heard least recently is forgotten early. Count"
                                + " about 500 bytes of heap for each; 0: as many as fit an eighth of the heap.",
                min = "0",
                max = "100000000")
        int known();

        @WithDefault("10s")
        @Key(
                doc =
                        "How often `run-status` is written for a run without news, in event time. News are written at once.",
                min = "100ms",
                max = "1h")
        Duration statusInterval();

        @WithDefault("1d")
        @Key(doc = "How long a finished run is remembered.", min = "1m", max = "365d")
        Duration retainFinished();

        @WithDefault("7d")
        @Key(doc = "How long a run that fell silent is remembered.", min = "1m", max = "365d")
        Duration retainSilent();
    }

    /** When bad records are no longer an exception. */
    interface DeadLetters {
        @WithDefault("0.5")
        @Key(
                doc =
                        "There are too many bad records when more than this share of a partition's last 1000 records that count could"
                                + " not be used; 1: never. While usable records arrive, of bad ones only those of known runs"
                                + " count, and at most 100 of one key.",
                min = "0",
                max = "1")
        double maxShare();

        @WithDefault("100")
        @Key(doc = "Fewer bad records than this are never too many.", min = "1", max = "1000")
        int minCount();

        @WithDefault("pause")
        @Key(
                doc =
                        "What happens when there are too many: `pause` reads no more of that partition until `gradwatch resume`,"
                                + " with a trial after 1 to 15 minutes; `stop` ends the service; `continue` goes on. The group protocol"
                                + " `streams` cannot pause and continues.",
                pattern = "pause|stop|continue",
                patternDoc = "pause, stop or continue")
        String whenTooMany();
    }

    /** What `/metrics` may grow to. */
    interface Metrics {
        @WithDefault("100")
        @Key(
                doc =
                        "Most series of `gradwatch_run_alert`, which names single runs; `gradwatch_run_alerts_cut` says how many more there"
                                + " would be.",
                min = "0",
                max = "10000")
        int runAlerts();

        @WithDefault("50")
        @Key(
                doc =
                        "Most different teams, and most different clusters, that labels name; later ones are counted as `other`.",
                min = "1",
                max = "1000")
        int labelValues();
    }

    /** The HTTP server. */
    interface Http {
        @WithDefault("127.0.0.1")
        @Key(
                doc = "Address to listen on; `0.0.0.0` in a container.",
                pattern = "\\S+",
                patternDoc = "a host name or address")
        String host();

        @WithDefault("8080")
        @Key(doc = "Port to listen on; 0 takes a free one.", min = "0", max = "65535")
        int port();

        @Key(
                doc = "When set, every path but `/health/*` wants the header `Authorization: Bearer <token>`.",
                pattern = "[\\x21-\\x7e]{8,}",
                patternDoc = "8 or more printable ASCII characters without spaces",
                secret = true)
        Optional<String> token();
    }

    /** What the service writes to stderr. */
    interface Log {
        @WithDefault("console")
        @Key(
                doc = "`console` for people, `json` for machines: one object a line.",
                pattern = "console|json",
                patternDoc = "console or json")
        String format();

        @WithDefault("info")
        @Key(
                doc = "Level of Gradwatch's own messages.",
                pattern = LEVELS,
                patternDoc = "error, warn, info, debug or trace")
        String level();

        @WithDefault("warn")
        @Key(
                doc =
                        "Level of everything else, such as Kafka's clients; the HTTP server never says more than info, because it would"
                                + " print credentials.",
                pattern = LEVELS,
                patternDoc = "error, warn, info, debug or trace")
        String libraryLevel();
    }

    String LEVELS = "(?i)error|warn|info|debug|trace";
}
