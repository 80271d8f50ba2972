package dev.gradwatch.app.service.http;

/**
 * A path and the method that it answers; GET answers HEAD too.
 *
 * @param method GET or POST
 * @param path may hold one variable in braces, such as {@code /partitions/{partition}/resume}
 * @param doc one line for the list at {@code /}
 * @param open whether it answers without the bearer token
 * @param quick whether the answer is there at once, without waiting for anybody: it is then given by the thread that reads the sockets,
 *     and no other request can hold it up
 */
public record Endpoint(String method, String path, String doc, boolean open, boolean quick, Responder responder) {

    /** A path that answers GET. */
    public Endpoint(String path, String doc, boolean open, boolean quick, Responder responder) {
        this("GET", path, doc, open, quick, responder);
    }

    /**
     * What was asked.
     *
     * @param accept the header {@code Accept}, or {@code null}
     * @param variable what stands in the path's place of the variable; empty without one
     */
    public record Asked(String accept, String variable) {}

    /** Status, content type and text of an answer. */
    public record Answer(int status, String contentType, String body) {}

    /** Makes an answer; what it throws becomes a 500. */
    @FunctionalInterface
    public interface Responder {

        /** Makes the answer to one request. */
        Answer answer(Asked asked) throws Exception;
    }
}
