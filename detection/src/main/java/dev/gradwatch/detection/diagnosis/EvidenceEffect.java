package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.alert.CauseCode;

/**
 * What a piece of evidence does to one cause.
 *
 * @param cause the cause
 * @param supports whether the value is added to the cause's weight; else the weight is multiplied by it
 * @param value 0 to 10 where it supports, a factor of 0 to 1 where it doubts
 */
public record EvidenceEffect(CauseCode cause, boolean supports, double value) {

    static EvidenceEffect supports(CauseCode cause, double weight) {
        return new EvidenceEffect(cause, true, weight);
    }

    static EvidenceEffect doubts(CauseCode cause, double factor) {
        return new EvidenceEffect(cause, false, factor);
    }
}
