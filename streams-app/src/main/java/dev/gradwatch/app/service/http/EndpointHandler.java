package dev.gradwatch.app.service.http;

import dev.gradwatch.app.service.http.Endpoint.Answer;
import dev.gradwatch.app.service.http.Endpoint.Asked;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests for endpoints. Quick ones on the thread that reads the sockets, others on a thread of the pool; in both cases the answer
 * is handed to the socket and nobody waits for its reader.
 */
final class EndpointHandler extends Handler.Abstract.NonBlocking {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointHandler.class);
    private static final String TEXT = "text/plain; charset=utf-8";

    /** Most answers that are being read by slow readers; a page of metrics is some hundred kilobytes of memory. */
    private static final int MOST_UNREAD = 32;

    /** A larger page would hold up the service that makes it; the default limits of metrics give a tenth of it. */
    private static final int MOST_BYTES = 16 << 20;

    private final List<Route> routes;
    private final byte[] expectedHeader;
    private final OldestFirstLimit<Request> unread = new OldestFirstLimit<>(
            MOST_UNREAD,
            request -> request.getConnectionMetaData()
                    .getConnection()
                    .getEndPoint()
                    .close());

    EndpointHandler(List<Endpoint> endpoints, Optional<String> token) {
        this.routes = endpoints.stream().map(Route::new).toList();
        this.expectedHeader = token.map(secret -> ("Bearer " + secret).getBytes(StandardCharsets.UTF_8))
                .orElse(null);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        String path = Request.getPathInContext(request);
        List<Route> here =
                routes.stream().filter(route -> route.variable(path) != null).toList();
        Optional<Route> asked = here.stream()
                .filter(route -> route.answers(request.getMethod()))
                .findFirst();
        String refusal = refusal(request, here, asked);
        if (refusal != null) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
            write(request, response, callback, new Answer(HttpStatus.UNAUTHORIZED_401, TEXT, refusal));
        } else if (here.isEmpty()) {
            write(
                    request,
                    response,
                    callback,
                    new Answer(HttpStatus.NOT_FOUND_404, TEXT, "There is nothing here; / lists what there is.\n"));
        } else if (asked.isEmpty()) {
            String allowed = here.stream().map(Route::methods).collect(Collectors.joining(", "));
            response.getHeaders().put(HttpHeader.ALLOW, allowed);
            write(
                    request,
                    response,
                    callback,
                    new Answer(HttpStatus.METHOD_NOT_ALLOWED_405, TEXT, "This path answers " + allowed + " only.\n"));
        } else if (asked.get().endpoint().quick()) {
            answer(asked.get(), path, request, response, callback);
        } else {
            request.getContext()
                    .execute(new Invocable.ReadyTask(
                            Invocable.InvocationType.BLOCKING,
                            () -> answer(asked.get(), path, request, response, callback)));
        }
        return true;
    }

    /** Why this caller gets no answer; {@code null} when it may have one. */
    private String refusal(Request request, List<Route> here, Optional<Route> asked) {
        if (expectedHeader == null) {
            boolean changes =
                    asked.isPresent() && !asked.get().endpoint().method().equals("GET");
            return changes && !isLocal(request) ? "Without http.token only this machine may change anything.\n" : null;
        }
        if (!here.isEmpty() && here.stream().allMatch(route -> route.endpoint().open())) {
            return null;
        }
        String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        // Compared in constant time, so that nobody measures a way to the token.
        return given != null && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expectedHeader)
                ? null
                : "This path wants the header 'Authorization: Bearer <http.token>'.\n";
    }

    /** Whether the caller is a program on this machine; pages of a browser say where they come from. */
    private static boolean isLocal(Request request) {
        return request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress caller
                && caller.getAddress().isLoopbackAddress()
                && request.getHeaders().get(HttpHeader.ORIGIN) == null;
    }

    private void answer(Route route, String path, Request request, Response response, Callback callback) {
        Answer answer;
        try {
            answer = route.endpoint()
                    .responder()
                    .answer(new Asked(request.getHeaders().get(HttpHeader.ACCEPT), route.variable(path)));
        } catch (Exception e) {
            LOG.error("{} failed", route.endpoint().path(), e);
            answer = new Answer(
                    HttpStatus.INTERNAL_SERVER_ERROR_500, TEXT, "This failed; the service's log says why.\n");
        }
        write(request, response, callback, answer);
    }

    private void write(Request request, Response response, Callback callback, Answer answer) {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        Answer sent = answer;
        if (body.length > MOST_BYTES) {
            sent = new Answer(
                    HttpStatus.SERVICE_UNAVAILABLE_503,
                    TEXT,
                    "The page would have " + (body.length >> 20) + " MB, more than " + (MOST_BYTES >> 20)
                            + "; lower metrics.run-alerts and metrics.label-values.\n");
            body = sent.body().getBytes(StandardCharsets.UTF_8);
        }
        response.setStatus(sent.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, sent.contentType());
        unread.add(request);
        response.write(true, ByteBuffer.wrap(body), Callback.from(() -> unread.remove(request), callback));
    }

    /** An endpoint and how its path is recognised. */
    private record Route(Endpoint endpoint, Pattern pattern) {

        Route(Endpoint endpoint) {
            this(
                    endpoint,
                    Pattern.compile(Pattern.quote(endpoint.path()).replaceFirst("\\{\\w+}", "\\\\E([^/]+)\\\\Q")));
        }

        /** What stands in the place of the variable, empty without one; {@code null} for another path. */
        String variable(String path) {
            Matcher matcher = pattern.matcher(path);
            return !matcher.matches() ? null : matcher.groupCount() == 0 ? "" : matcher.group(1);
        }

        boolean answers(String method) {
            return endpoint.method().equals(method)
                    || (HttpMethod.HEAD.is(method) && endpoint.method().equals("GET"));
        }

        String methods() {
            return endpoint.method().equals("GET") ? "GET, HEAD" : endpoint.method();
        }
    }
}
