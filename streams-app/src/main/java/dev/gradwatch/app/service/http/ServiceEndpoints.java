package dev.gradwatch.app.service.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.gradwatch.app.service.metrics.Telemetry;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
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
                new Endpoint(
                        "/metrics",
                        "Meters for Prometheus, as text or OpenMetrics.",
                        false,
                        ctx -> show(ctx, telemetry)),
                new Endpoint("/health/live", "200 unless the service has failed.", true, ctx -> show(ctx, alive.get())),
                new Endpoint(
                        "/health/ready",
                        "200 when state is restored and brokers and registry answer, else 503 and why.",
                        true,
                        ctx -> show(ctx, ready.get())),
                new Endpoint(
                        HandlerType.POST,
                        "/partitions/{partition}/resume",
                        "POST reads a paused partition again; wants http.token, or a caller on this machine without one.",
                        false,
                        ctx -> resume(ctx, resume)));
    }

    private static void resume(Context ctx, IntPredicate resume) {
        int partition;
        try {
            partition = Integer.parseInt(ctx.pathParam("partition"));
        } catch (NumberFormatException e) {
            ctx.status(400).contentType("text/plain").result("The partition must be a number.\n");
            return;
        }
        boolean resumed = resume.test(partition);
        ctx.status(resumed ? 200 : 404)
                .contentType("text/plain")
                .result("Partition " + partition
                        + (resumed ? " is read again.\n" : " is not paused in this instance; ask the others.\n"));
    }

    private static void show(Context ctx, Telemetry telemetry) {
        Telemetry.Page page = telemetry.page(ctx.header("Accept"));
        ctx.result(page.body()).contentType(page.contentType());
    }

    private static void show(Context ctx, Health health) throws JsonProcessingException {
        ctx.status(health.isUp() ? 200 : 503)
                .contentType("application/json")
                .result(JSON.writeValueAsString(new HealthJson(health.status(), health.checks())) + "\n");
    }

    /** {@link Health#isUp()} is not part of the answer. */
    private record HealthJson(String status, List<Health.Check> checks) {}
}
