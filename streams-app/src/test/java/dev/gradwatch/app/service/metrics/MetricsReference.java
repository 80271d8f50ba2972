package dev.gradwatch.app.service.metrics;

import java.util.List;

/** Writes {@code docs/metrics.md} from the meters. */
public final class MetricsReference {

    private static final String INTRODUCTION = """
            # Metrics and health

            This page is made from the code; a test fails when it is stale.

            One port (`http.host`, `http.port`) answers:

            | Path | Says |
            | --- | --- |
            | `/metrics` | everything below, as Prometheus text, or as OpenMetrics where `Accept` asks for it |
            | `/health/live` | 200 unless the service has failed |
            | `/health/ready` | 200 when state is restored, records are processed, no partition stands still and brokers and registry answer; else 503. JSON: `status`, and `checks` with `name`, `up` and `detail` |
            | `POST /partitions/N/resume` | reads a partition again that was paused over bad records, as `gradwatch resume N` does; 404 when it is not paused in this instance. Without `http.token` only from the same machine |

            With `http.token` set, everything but `/health/*` wants `Authorization: Bearer <token>`.

            ## Gradwatch's own meters

            The page grows with detectors, teams and clusters, not with runs. `metrics.label-values` teams and as many clusters are named, the
            first ones that had an alert, in at most 200 pairs; later ones are `other`, and absent ones `none`. Single runs are named by
            `gradwatch_run_alert` alone, up to `metrics.run-alerts` of them.

            | Series | Kind | Labels | Meaning |
            | --- | --- | --- | --- |
            """;

    private static final String KAFKA = """

            Histograms have `_bucket`, `_count` and `_sum`, and `_max` over the last minutes. Counters begin at zero when the service starts;
            gauges of open alerts begin at what the restored state says.

            ## Kafka's meters

            Chosen from the several hundred that Kafka's clients and Kafka Streams offer. They grow with threads and partitions.

            | Series | Meaning |
            | --- | --- |
            """;

    private static final String JVM = """

            ## The process

            Micrometer's standard meters: `jvm_memory_*`, `jvm_gc_*`, `jvm_threads_*`, `jvm_classes_*`, `jvm_buffer_*`, `process_cpu_usage`,
            `process_files_*`, `process_uptime_seconds`, `process_start_time_seconds`, `system_cpu_*`, `system_load_average_1m`.
            """;

    private MetricsReference() {}

    /** The names of Kafka's series as they stand on the page. */
    public static List<String> kafkaSeries() {
        return KafkaMeters.SHOWN.keySet().stream().map(KafkaMeters::series).toList();
    }

    public static String markdown() {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        for (GradwatchMeter meter : GradwatchMeter.values()) {
            String labels = meter.labels().isEmpty() ? "" : "`" + String.join("`, `", meter.labels()) + "`";
            page.append(String.format(
                    "| `%s` | %s | %s | %s |%n", meter.prometheusName(), meter.kind(), labels, meter.doc()));
        }
        page.append(KAFKA);
        KafkaMeters.SHOWN.forEach(
                (name, doc) -> page.append(String.format("| `%s` | %s |%n", KafkaMeters.series(name), doc)));
        return page.append(JVM).toString();
    }
}
