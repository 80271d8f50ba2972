package dev.gradwatch.commands;

/**
 * How far a run had come, over all its attempts together.
 *
 * @param steps optimizer steps since its first record
 * @param epochs epochs since its first record
 */
record Place(double steps, double epochs) {

    static final Place START = new Place(0, 0);
}
