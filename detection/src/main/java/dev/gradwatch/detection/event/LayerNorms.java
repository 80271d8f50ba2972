package dev.gradwatch.detection.event;

/**
 * One layer in one step; absent values are {@code null}.
 *
 * @param name the layer's name, the same in every step
 * @param gradientNorm L2 norm of the layer's gradient before clipping
 * @param zeroFraction share of the layer's gradient entries that are exactly zero, 0 to 1
 * @param weightNorm L2 norm of the layer's weights before the update
 * @param updateNorm L2 norm of what the optimizer really changed
 */
public record LayerNorms(String name, Double gradientNorm, Double zeroFraction, Double weightNorm, Double updateNorm) {}
