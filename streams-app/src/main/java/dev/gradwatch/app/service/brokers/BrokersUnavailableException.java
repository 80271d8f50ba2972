package dev.gradwatch.app.service.brokers;

import org.apache.kafka.common.KafkaException;

/** No broker gave an answer; the same question may be answered later. */
public final class BrokersUnavailableException extends KafkaException {

    private static final long serialVersionUID = 1L;

    public BrokersUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
