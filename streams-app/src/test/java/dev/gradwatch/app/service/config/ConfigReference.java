package dev.gradwatch.app.service.config;

import dev.gradwatch.app.service.config.KeyCatalogue.KnownKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Writes {@code docs/configuration.md} from the keys. */
public final class ConfigReference {

    private static final String INTRODUCTION = """
            # Configuration

            This page is made from the code; a test fails when it is stale.

            Values come from these places, each over the one before: the default, a file that was found, the environment, system properties, a
            file that the command line names, `--set`. `gradwatch config` shows what is in force and where it comes from, with secrets hidden. Unknown keys and unusable values
            are refused at start, all in one message, with exit code 2.

            | Place | How `http.port` is written there |
            | --- | --- |
            | file that was found | `http.port = 9000` in the file that `GRADWATCH_CONFIG` names, else in `./gradwatch.properties` (UTF-8) |
            | environment | `GRADWATCH_HTTP_PORT=9000`: upper case, every other character an underscore; empty means not set. The publishers' `GRADWATCH_BOOTSTRAP_SERVERS`, `GRADWATCH_REGISTRY_URL` and `GRADWATCH_TOPIC_PREFIX` are understood too |
            | system property | `-Dgradwatch.http.port=9000` |
            | file named on the command line | the same in the file after `--config`; the found one is not read then |
            | command line | `--set http.port=9000` |

            Durations are written `250ms`, `10s`, `5m`, `2h`, `7d` or as ISO 8601 (`PT10S`). Lists are separated by commas. Values are taken
            literally: `${...}` is not expanded.

            """;

    private static final String CLIENTS = """
            ## Connecting to a secured cluster

            Whatever follows `kafka.properties.` goes to Kafka's clients, and whatever follows `registry.properties.` to the registry's.
            In the environment an underscore stands for a dot: `GRADWATCH_KAFKA_PROPERTIES_SASL_JAAS_CONFIG`. Passwords, tokens and keys are
            never shown or logged.

            ```properties
            kafka.bootstrap-servers = broker-1.example.org:9093,broker-2.example.org:9093
            kafka.properties.security.protocol = SASL_SSL
            kafka.properties.sasl.mechanism = SCRAM-SHA-512
            kafka.properties.sasl.jaas.config = org.apache.kafka.common.security.scram.ScramLoginModule required username="gradwatch" password="...";
            kafka.properties.ssl.truststore.location = /etc/gradwatch/trust.p12
            kafka.properties.ssl.truststore.password = ...

            registry.urls = https://registry.example.org
            registry.properties.basic.auth.credentials.source = USER_INFO
            registry.properties.basic.auth.user.info = gradwatch:...
            registry.properties.schema.registry.ssl.truststore.location = /etc/gradwatch/trust.p12
            registry.properties.schema.registry.ssl.truststore.password = ...
            ```

            Settings of one client take a prefix, as in Kafka Streams: `kafka.properties.producer.linger.ms`,
            `kafka.properties.consumer.max.poll.records`.

            ## Detectors

            `detectors.<detector>.<parameter>` changes a detector's parameter, for example `<example>`.
            `gradwatch detectors` lists all of them with default, range and meaning.
            """;

    private ConfigReference() {}

    public static String markdown() {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        String group = "";
        for (KnownKey key : KeyCatalogue.keys()) {
            String itsGroup = key.name().substring(0, key.name().indexOf('.'));
            if (!itsGroup.equals(group)) {
                group = itsGroup;
                page.append("## `").append(group).append(".*`\n\n");
                page.append("| Key | Default | Values | Meaning |\n| --- | --- | --- | --- |\n");
            }
            page.append(row(key));
            if (isLastOfGroup(key)) {
                page.append('\n');
            }
        }
        return page.append(CLIENTS.replace("<example>", exampleParameter())).toString();
    }

    /** Of a parameter that exists. */
    private static String exampleParameter() {
        return KeyCatalogue.detectorKeys().entrySet().stream()
                .filter(parameter -> parameter.getKey().startsWith("detectors.loss-plateau."))
                .findFirst()
                .map(parameter ->
                        parameter.getKey() + " = " + parameter.getValue().defaultValue())
                .orElseThrow();
    }

    private static boolean isLastOfGroup(KnownKey key) {
        String group = key.name().substring(0, key.name().indexOf('.') + 1);
        return KeyCatalogue.keys().stream()
                .filter(other -> other.name().startsWith(group))
                .reduce((first, second) -> second)
                .orElseThrow()
                .equals(key);
    }

    private static String row(KnownKey key) {
        String value = key.defaultValue() == null ? "none" : "`" + key.defaultValue() + "`";
        return "| `" + key.name() + "` | " + value + " | " + values(key) + " | "
                + key.key().doc().replace("|", "\\|") + " |\n";
    }

    private static String values(KnownKey key) {
        Key rule = key.key();
        if (!rule.patternDoc().isEmpty()) {
            return (key.list() ? "list of " : "") + rule.patternDoc();
        }
        String type;
        if (key.type() == Duration.class) {
            type = "duration";
        } else if (key.type() == Path.class) {
            type = "path";
        } else if (key.type() == boolean.class) {
            type = "`true` or `false`";
        } else {
            type = key.type() == int.class
                    ? "whole number"
                    : key.type().getSimpleName().toLowerCase(Locale.ROOT);
            type = type.equals("double") ? "number" : type;
        }
        return rule.min().isEmpty() ? type : type + ", " + rule.min() + " to " + rule.max();
    }
}
