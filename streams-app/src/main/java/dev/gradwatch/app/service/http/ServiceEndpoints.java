package dev.gradwatch.app.service.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.gradwatch.app.service.http.Endpoint.Answer;
import dev.gradwatch.app.service.metrics.Telemetry;
import dev.gradwatch.detection.text.Sanitizer;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/** The paths that monitoring asks: {@code /metrics} and the two of health. */
public final class ServiceEndpoints {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ServiceEndpoints() {}

    /**
     * The paths, to be served by one {@link HttpServer}.
     *
     * @param alive whether the process is worth keeping; asked on every call, so it must be quick
     * @param ready whether it does its work now; the same
     * @param resume reads a paused partition again and tells whether it was paused here
     */
    public static List<Endpoint> of(
            Telemetry telemetry, Supplier<Health> alive, Supplier<Health> ready, IntPredicate resume) {
        return List.of(
                new Endpoint("/metrics", "Meters for Prometheus, as text or OpenMetrics.", false, false, asked -> {
                    Telemetry.Page page = telemetry.page(asked.accept());
                    return new Answer(200, page.contentType(), page.body());
                }),
                new Endpoint(
                        "/health/live", "200 unless the service has failed.", true, true, asked -> shown(alive.get())),
                new Endpoint(
                        "/health/ready",
                        "200 when state is restored and brokers and registry answer, else 503 and why.",
                        true,
                        true,
                        asked -> shown(ready.get())),
                new Endpoint(
                        "POST",
                        "/partitions/{partition}/resume",
                        "POST reads a paused partition again; wants http.token, or a caller on this machine without one.",
                        false,
                        false,
                        asked -> resumed(asked.variable(), resume)));
    }

    private static Answer resumed(String variable, IntPredicate resume) {
        int partition;
        try {
            partition = Integer.parseInt(variable);
        } catch (NumberFormatException e) {
            return new Answer(400, "text/plain", "The partition must be a number.\n");
        }
        boolean resumed = resume.test(partition);
        return new Answer(
                resumed ? 200 : 404,
                "text/plain",
                "Partition " + partition
                        + (resumed ? " is read again.\n" : " is not paused in this instance; ask the others.\n"));
    }

    private static Answer shown(Health health) throws JsonProcessingException {
        String json = JSON.writeValueAsString(new HealthJson(health.status(), health.checks()));
        return new Answer(health.isUp() ? 200 : 503, "application/json", Sanitizer.escapeLines(json) + "\n");
    }

    /** {@link Health#isUp()} is not part of the answer. */
    private record HealthJson(String status, List<Health.Check> checks) {}
}
