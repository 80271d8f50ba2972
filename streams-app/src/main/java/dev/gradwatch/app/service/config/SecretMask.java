package dev.gradwatch.app.service.config;

import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Decides which values are never shown, and hides them. When in doubt it hides. */
final class SecretMask {

    static final String HIDDEN = "********";

    private static final Pattern SECRET_NAME = Pattern.compile(
            "(?i).*(password|passphrase|secret|token|credential|jaas|user\\.info|private|(^|\\.)key$|keystore\\.(key|certificate)|api\\.key).*");
    private static final Pattern URL_WITH_USER = Pattern.compile("(https?://)[^/@\\s,]+@");

    private SecretMask() {}

    /** Whether a property that is passed to Kafka's or the registry's client holds a secret, by what Kafka says of it and by its name. */
    static boolean isSecret(String property) {
        return SECRET_NAME.matcher(property).matches()
                || isPassword(ConsumerConfig.configDef(), property)
                || isPassword(AdminClientConfig.configDef(), property);
    }

    /** A value that is no secret as a whole, with the user and password of addresses hidden. */
    static String shown(String value) {
        return URL_WITH_USER.matcher(value).replaceAll("$1" + HIDDEN + "@");
    }

    private static boolean isPassword(ConfigDef definitions, String property) {
        ConfigDef.ConfigKey key = definitions.configKeys().get(property);
        return key != null && key.type() == ConfigDef.Type.PASSWORD;
    }
}
