package dev.gradwatch.wire;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is handed to Confluent's client, with its traps removed: credentials that it would ignore for want of a second setting, TLS settings
 * without the prefix that it looks for, time-outs of a minute, a password inside a URL that would be logged with it.
 *
 * @param urls without credentials
 * @param properties may hold secrets
 */
record RegistryClientSettings(List<String> urls, Map<String, String> properties) {

    private static final Pattern URL = Pattern.compile("(https?)://(?:([^@/]*)@)?([^@/?#]+[^@?#]*)");
    private static final Pattern SECRET_KEY = Pattern.compile("password|user\\.info|token|secret|jaas|\\.key$");

    private static final String BASIC_SOURCE = "basic.auth.credentials.source";
    private static final String BASIC_USER = "basic.auth.user.info";
    private static final String BEARER_SOURCE = "bearer.auth.credentials.source";
    private static final String BEARER_TOKEN = "bearer.auth.token";

    static RegistryClientSettings of(List<String> urls, Map<String, String> given) {
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("registry.urls is empty; name at least one schema registry");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        given.forEach((key, value) -> properties.put(key.startsWith("ssl.") ? "schema.registry." + key : key, value));
        List<String> plain = new ArrayList<>();
        String user = null;
        for (int i = 0; i < urls.size(); i++) {
            Matcher url = URL.matcher(urls.get(i).strip());
            if (!url.matches()) {
                // Not shown: a URL that does not parse may hold a password where nobody looks for it.
                throw new IllegalArgumentException(
                        "entry " + (i + 1) + " of registry.urls is not like http://host:port or https://host:port");
            }
            plain.add(url.group(1) + "://" + url.group(3));
            String urlUser = url.group(2);
            if (i > 0 && !Objects.equals(user, urlUser)) {
                throw new IllegalArgumentException(
                        "registry.urls name different users; set one basic.auth.user.info for all of them");
            }
            user = urlUser;
        }
        if (user != null) {
            properties.put(BASIC_SOURCE, "USER_INFO");
            properties.putIfAbsent(BASIC_USER, URLDecoder.decode(user, StandardCharsets.UTF_8));
        }
        if (properties.containsKey(BASIC_USER)) {
            properties.putIfAbsent(BASIC_SOURCE, "USER_INFO");
        }
        if (properties.containsKey(BEARER_TOKEN)) {
            properties.putIfAbsent(BEARER_SOURCE, "STATIC_TOKEN");
        }
        if (properties.getOrDefault(BEARER_SOURCE, "").contains("OAUTHBEARER")) {
            throw new IllegalArgumentException(BEARER_SOURCE + "=" + properties.get(BEARER_SOURCE)
                    + " does not work with this version of the client; use STATIC_TOKEN and " + BEARER_TOKEN);
        }
        properties.putIfAbsent("http.connect.timeout.ms", "5000");
        properties.putIfAbsent("http.read.timeout.ms", "10000");
        return new RegistryClientSettings(List.copyOf(plain), Map.copyOf(properties));
    }

    /** The text with every secret blotted out. */
    String withoutSecrets(String text) {
        String clean = String.valueOf(text);
        for (Map.Entry<String, String> property : properties.entrySet()) {
            boolean secret = SECRET_KEY
                    .matcher(property.getKey().toLowerCase(Locale.ROOT))
                    .find();
            if (secret && !property.getValue().isEmpty()) {
                clean = clean.replace(property.getValue(), "****");
            }
        }
        return clean;
    }

    /** Names the keys only, because values may be secret. */
    @Override
    public String toString() {
        return "RegistryClientSettings[urls=" + urls + ", properties=" + properties.keySet() + "]";
    }
}
