package dev.gradwatch.commands.drawing;

/**
 * How far a run had come, over all its attempts together.
 *
 * @param steps optimizer steps since its first record
 * @param epochs epochs since its first record
 */
public record ProgressPoint(double steps, double epochs) {

    static final ProgressPoint START = new ProgressPoint(0, 0);
}
