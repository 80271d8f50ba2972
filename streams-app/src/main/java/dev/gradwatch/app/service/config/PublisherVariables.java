package dev.gradwatch.app.service.config;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The variables of the publishers, which stand in the same shells and job scripts as the commands of the service. Their addresses are
 * understood here too, so that what a run prints can be typed where the run was started; the rest is left alone.
 */
final class PublisherVariables {

    private static final String TOPIC_PREFIX = "GRADWATCH_TOPIC_PREFIX";

    private static final Map<String, String> KEYS = Map.of(
            "GRADWATCH_BOOTSTRAP_SERVERS",
            "kafka.bootstrap-servers",
            "GRADWATCH_REGISTRY_URL",
            "registry.urls",
            TOPIC_PREFIX,
            "topics.prefix");

    private static final Set<String> OTHERS = Set.of(
            "GRADWATCH_ATTEMPT",
            "GRADWATCH_AUTO_REGISTER",
            "GRADWATCH_CLUSTER",
            "GRADWATCH_DISABLED",
            "GRADWATCH_FLUSH_SECONDS",
            "GRADWATCH_GROUP",
            "GRADWATCH_HANDLE_SIGTERM",
            "GRADWATCH_PROJECT",
            "GRADWATCH_QUEUE_LIMIT",
            "GRADWATCH_QUIET",
            "GRADWATCH_RANK",
            "GRADWATCH_RECORD_TO",
            "GRADWATCH_REGISTRY_USER_INFO",
            "GRADWATCH_RUN_ID",
            "GRADWATCH_STATE_DIR",
            "GRADWATCH_STOP_WHEN_TOLD",
            "GRADWATCH_TEAM");

    /** Settings of another Kafka client than ours, which have other names and forms here. */
    private static final Pattern CLIENT_SECURITY =
            Pattern.compile("GRADWATCH_(KAFKA_(SECURITY|SASL|SSL)|REGISTRY_SSL)_.+");

    private PublisherVariables() {}

    /** The key that means the same as this variable, or {@code null}. */
    static String keyOf(String variable) {
        return KEYS.get(variable);
    }

    /** The value as the key has it: publishers write a prefix with its dot. */
    static String valueOf(String variable, String value) {
        return variable.equals(TOPIC_PREFIX) ? value.strip().replaceAll("\\.+$", "") : value;
    }

    /** Whether this variable is for publishers alone. */
    static boolean isForPublishersAlone(String variable) {
        return OTHERS.contains(variable) || CLIENT_SECURITY.matcher(variable).matches();
    }
}
