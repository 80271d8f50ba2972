package dev.gradwatch.app.service.http;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;

/**
 * A path and the method that it answers.
 *
 * @param doc one line for the list at {@code /}
 * @param open whether it answers without the bearer token
 */
public record Endpoint(HandlerType method, String path, String doc, boolean open, Handler handler) {

    /** A path that answers GET. */
    public Endpoint(String path, String doc, boolean open, Handler handler) {
        this(HandlerType.GET, path, doc, open, handler);
    }
}
