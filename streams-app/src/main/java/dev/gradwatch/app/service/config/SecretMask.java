package dev.gradwatch.app.service.config;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
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

    private static final Pattern USER_OF_URL = Pattern.compile("https?://([^/@\\s,]+)@");

    /** Inside a JAAS line: {@code password="..."}, {@code clientSecret='...'}. */
    private static final Pattern QUOTED_PASSWORD =
            Pattern.compile("(?i)\\w*(?:password|secret|token)\\w*\\s*=\\s*[\"']([^\"']+)[\"']");

    /** Hiding shorter ones would hide ordinary words everywhere, and tell by that what the secret is. */
    private static final int SHORTEST = 4;

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

    /** A secret and what of it could stand alone in a message: passwords inside a JAAS line, user and password apart, and as HTTP sends them. */
    static Set<String> parts(String secret) {
        Set<String> parts = new LinkedHashSet<>();
        add(parts, secret.trim());
        Matcher quoted = QUOTED_PASSWORD.matcher(secret);
        while (quoted.find()) {
            add(parts, quoted.group(1));
        }
        int colon = secret.indexOf(':');
        if (colon > 0 && !secret.contains(" ")) {
            add(parts, secret.substring(colon + 1));
            add(parts, Base64.getEncoder().encodeToString(secret.trim().getBytes(StandardCharsets.UTF_8)));
        }
        return parts;
    }

    /** The parts of {@code user:password} in the addresses of a value that is no secret as a whole. */
    static Set<String> usersOf(String value) {
        Set<String> parts = new LinkedHashSet<>();
        Matcher address = USER_OF_URL.matcher(value);
        while (address.find()) {
            parts.addAll(parts(address.group(1)));
        }
        return parts;
    }

    private static void add(Set<String> parts, String part) {
        if (part.length() >= SHORTEST) {
            parts.add(part);
        }
    }

    private static boolean isPassword(ConfigDef definitions, String property) {
        ConfigDef.ConfigKey key = definitions.configKeys().get(property);
        return key != null && key.type() == ConfigDef.Type.PASSWORD;
    }
}
