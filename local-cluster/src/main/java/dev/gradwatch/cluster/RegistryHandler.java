package dev.gradwatch.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.gradwatch.cluster.RegistryApi.Request;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Between HTTP and {@link RegistryApi}: decodes requests, encodes answers, and turns failures into error answers. */
final class RegistryHandler implements HttpHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RegistryHandler.class);
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int LONGEST_BODY = 8 * 1024 * 1024;

    private final RegistryApi api;
    private final String authorization;

    /** @param authorization the header value to ask for, or null */
    RegistryHandler(RegistryApi api, String authorization) {
        this.api = api;
        this.authorization = authorization;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
            try {
                check(exchange, body);
                send(exchange, 200, api.answer(decode(exchange, body)));
            } catch (RegistryError e) {
                sendError(exchange, e.status(), e.code(), e.getMessage());
            } catch (IOException | RuntimeException e) {
                LOG.error("The registry failed on {} {}", exchange.getRequestMethod(), exchange.getRequestURI(), e);
                sendError(exchange, 500, 50001, "Error in the backend data store");
            }
        }
    }

    private void check(HttpExchange exchange, byte[] body) {
        if (authorization != null) {
            String given = exchange.getRequestHeaders().getFirst("Authorization");
            if (given == null || !MessageDigest.isEqual(bytes(given), bytes(authorization))) {
                throw new RegistryError(401, 401, "Unauthorized");
            }
        }
        if (body.length > LONGEST_BODY) {
            throw new RegistryError(413, 413, "The request is longer than " + LONGEST_BODY + " bytes");
        }
    }

    private static Request decode(HttpExchange exchange, byte[] body) {
        URI uri = exchange.getRequestURI();
        List<String> path = new ArrayList<>();
        for (String part : uri.getRawPath().split("/", -1)) {
            if (!part.isEmpty()) {
                // A plus sign is itself in a path and a space in a query.
                path.add(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        }
        Map<String, String> query = new HashMap<>();
        if (uri.getRawQuery() != null) {
            for (String pair : uri.getRawQuery().split("&", -1)) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                query.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        return new Request(exchange.getRequestMethod(), path, query, new String(body, StandardCharsets.UTF_8));
    }

    private static void sendError(HttpExchange exchange, int status, int code, String message) throws IOException {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("error_code", code);
        answer.put("message", message);
        send(exchange, status, answer);
    }

    private static void send(HttpExchange exchange, int status, Object answer) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
