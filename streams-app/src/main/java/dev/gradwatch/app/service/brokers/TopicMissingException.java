package dev.gradwatch.app.service.brokers;

import org.apache.kafka.common.KafkaException;

/** A topic is not on the brokers; somebody may create it later. */
public final class TopicMissingException extends KafkaException {

    private static final long serialVersionUID = 1L;

    TopicMissingException(String topic) {
        super("topic " + topic + " does not exist there: create it with 'gradwatch topics create'");
    }
}
