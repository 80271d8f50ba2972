package dev.gradwatch.detection.statistics;

/**
 * Whether a short series rises or falls at all, in whatever shape: more pairs rise than fall than chance explains (Mann 1945, Kendall 1975),
 * with the variance corrected for ties. Stateless.
 */
public final class MannKendall {

    private MannKendall() {}

    /**
     * The standard score of the trend of the first {@code n} values: below -1.96 it falls, above 1.96 it rises, at a significance of 5 %. 0
     * below three values and for a constant series.
     */
    public static double score(double[] values, int n) {
        long sum = 0;
        double ties = 0;
        for (int i = 0; i < n; i++) {
            long equalBefore = 0;
            long equalAfter = 0;
            for (int j = 0; j < n; j++) {
                int order = Double.compare(values[j], values[i]);
                sum += j > i ? order : 0;
                equalBefore += j < i && order == 0 ? 1 : 0;
                equalAfter += j > i && order == 0 ? 1 : 0;
            }
            if (equalBefore == 0 && equalAfter > 0) {
                double group = equalAfter + 1.0;
                ties += group * (group - 1) * (2 * group + 5);
            }
        }
        double variance = (n * (n - 1.0) * (2.0 * n + 5) - ties) / 18;
        return n < 3 || variance <= 0 ? 0 : (sum - Long.signum(sum)) / Math.sqrt(variance);
    }
}
