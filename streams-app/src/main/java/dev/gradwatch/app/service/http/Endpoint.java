package dev.gradwatch.app.service.http;

import io.javalin.http.Handler;

/**
 * A path that answers GET.
 *
 * @param doc one line for the list at {@code /}
 * @param open whether it answers without the bearer token
 */
public record Endpoint(String path, String doc, boolean open, Handler handler) {}
