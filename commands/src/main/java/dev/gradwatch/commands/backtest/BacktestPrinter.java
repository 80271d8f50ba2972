package dev.gradwatch.commands.backtest;

import java.util.List;

/** Where runs go as they are done. */
interface BacktestPrinter {

    /** One run, as each core saw it: one, or in a comparison two, before and after. */
    void add(List<BacktestedRun> views);

    /** After the last run. */
    void finish(int unreadable, double seconds);
}
