package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.alerts.AlertJson;
import dev.gradwatch.commands.alerts.FinalAlert;
import dev.gradwatch.detection.text.Sanitizer;
import java.io.PrintWriter;
import java.util.List;

/** A line for a program: each alert in its last state or, where a run was seen twice, each difference. */
final class BacktestJson implements BacktestPrinter {

    private final PrintWriter out;

    BacktestJson(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void add(List<BacktestedRun> views) {
        BacktestedRun run = views.get(0);
        if (views.size() == 1) {
            for (FinalAlert seen : run.alerts()) {
                out.println(Sanitizer.escape(AlertJson.line(seen.alert())));
            }
        } else {
            AlertDifference.between(run, views.get(1))
                    .forEach(difference -> out.println(Sanitizer.escape(ComparisonJson.line(run.runId(), difference))));
        }
    }

    @Override
    public void finish(int unreadable, double seconds) {
        // Programs count lines themselves.
    }
}
