package dev.gradwatch.app.service;

import org.apache.kafka.common.KafkaException;

/** No broker gave an answer; the same question may be answered later. */
public final class BrokersUnavailableException extends KafkaException {

    private static final long serialVersionUID = 1L;

    BrokersUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
