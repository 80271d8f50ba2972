package dev.gradwatch.app.service.config;

/**
 * A key of the effective configuration, to be shown.
 *
 * @param key without the prefix, as in the file
 * @param value as it was written, {@code ********} for secrets; empty when it has none
 * @param source where the value comes from, such as {@code environment GRADWATCH_HTTP_PORT}; {@code default} when nobody set it
 * @param defaultValue empty when there is none
 * @param doc what the key does
 */
public record ConfigEntry(String key, String value, String source, String defaultValue, String doc) {}
