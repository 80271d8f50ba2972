import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes a record that nobody can decode: {@code java -cp 'commands/target/lib/*' deploy/test/PoisonRecord.java BROKER TOPIC}. */
public final class PoisonRecord {

    private PoisonRecord() {}

    public static void main(String[] args) throws Exception {
        Map<String, Object> properties = Map.of("bootstrap.servers", args[0], "max.block.ms", 20_000);
        byte[] bytes = "not what it should be".getBytes(StandardCharsets.UTF_8);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(args[1], "poison", bytes)).get();
        }
    }
}
