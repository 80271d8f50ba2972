"""From an event to Kafka or to a file: buffering, batching, encoding."""
