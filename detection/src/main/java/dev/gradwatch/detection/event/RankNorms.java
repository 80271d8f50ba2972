package dev.gradwatch.detection.event;

/**
 * How the global gradient norms of the ranks that train together differ in a step, before they are averaged and clipped.
 *
 * @param min the smallest norm of any rank
 * @param max the largest norm of any rank; NaN where any rank's is
 * @param rank the rank whose norm is {@code max}, 0 or more
 */
public record RankNorms(double min, double max, int rank) {}
