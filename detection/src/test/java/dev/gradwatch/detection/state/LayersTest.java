package dev.gradwatch.detection.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.gradwatch.detection.codec.FieldReader;
import dev.gradwatch.detection.codec.FieldWriter;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted.LayerDescription;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LayersTest {

    private static LayerNorms layer(String name, Double norm) {
        return new LayerNorms(name, norm, null, null, null);
    }

    @Test
    void findsALayerByNameWhereverItStands() {
        Layers layers = new Layers();
        layers.add(List.of(layer("a", 1.0), layer("b", 2.0), layer("c", 3.0)));
        layers.add(List.of(layer("c", 3.0), layer("a", 1.0)));

        assertThat(layers.size()).isEqualTo(3);
        assertThat(layers.get(0).norm()).isEqualTo(1);
        assertThat(layers.get(2).norm()).isEqualTo(3);
    }

    @Property
    void aNormThatWasEverFiniteStaysKnown(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = -300, max = 300) Integer> powers) {
        Layers layers = new Layers();
        for (int power : powers) {
            layers.add(List.of(layer("a", Math.pow(10, power))));
            assertThat(layers.get(0).norm()).isFinite();
        }
    }

    @Test
    void addsUpWhatGoesBeyondTheLayersItTellsApart() {
        List<LayerNorms> many = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            many.add(new LayerNorms("layer" + i, 2.0, 0.5, 3.0, 0.003));
        }
        Layers layers = new Layers();
        layers.add(many);

        assertThat(layers.size()).isEqualTo(Layers.CAPACITY);
        Layer rest = layers.get(Layers.CAPACITY - 1);
        assertThat(rest.norm()).isCloseTo(2 * Math.sqrt(5000 - 255), offset(1e-4));
        assertThat(rest.zeroFraction()).isEqualTo(0.5);
        assertThat(rest.updateRatio()).isCloseTo(0.001, offset(1e-9));
    }

    @Test
    void doesNotCallTheRestDeadWhereNothingIsSaidOfItsGradient() {
        List<LayerNorms> many = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            many.add(new LayerNorms("layer" + i, null, null, 3.0, 0.003));
        }
        Layers layers = new Layers();
        layers.add(many);

        assertThat(layers.get(Layers.CAPACITY - 1).zeroRun()).isZero();
        assertThat(layers.get(Layers.CAPACITY - 1).norm()).isNaN();
    }

    @Test
    void aSparseLayerIsAliveByNature() {
        Layers layers = new Layers();
        for (int i = 0; i < 20; i++) {
            layers.add(List.of(new LayerNorms("embedding", 0.4, 0.9995, null, null)));
        }

        assertThat(layers.get(0).zeroRun()).isZero();
    }

    @Test
    void aDenseLayerDiesByItsZeros() {
        Layers layers = new Layers();
        layers.add(List.of(new LayerNorms("dense", 0.4, 0.1, null, null)));
        for (int i = 0; i < 20; i++) {
            layers.add(List.of(new LayerNorms("dense", 1e-5, 0.9995, null, null)));
        }

        assertThat(layers.get(0).zeroRun()).isEqualTo(20);
        assertThat(layers.get(0).wasAlive()).isTrue();
    }

    @Test
    void comparesTheFirstLayerThatLearns() {
        Layers layers = new Layers();
        layers.register(List.of(new LayerDescription("a", null, true)));
        layers.add(List.of(layer("a", 1e-9), layer("b", 0.5), layer("c", 2.0)));

        assertThat(layers.firstToLargest()).isEqualTo(0.25);
    }

    @Test
    void addsUpTheParametersThatAreRegistered() {
        Layers layers = new Layers();
        assertThat(layers.parameters()).isZero();
        layers.register(List.of(
                new LayerDescription("a", 1_000_000_000_000L, false),
                new LayerDescription("b", null, false),
                new LayerDescription("c", 24L, true)));
        assertThat(layers.parameters()).isEqualTo(1_000_000_000_024L);
        layers.register(List.of(new LayerDescription("a", 7L, false)));

        assertThat(layers.parameters()).isEqualTo(7);
        layers.clear();
        assertThat(layers.parameters()).isZero();
    }

    @Test
    void knowsPlainRecurrentLayersByTheirNames() {
        for (String name : List.of("rnn", "encoder.rnn.weight_hh_l0", "SimpleRNN_1")) {
            assertThat(recurrent(name)).as(name).isTrue();
        }
        for (String name : List.of("lstm", "gru.weight_hh_l0", "dense", "transformer.h.0")) {
            assertThat(recurrent(name)).as(name).isFalse();
        }
    }

    private static boolean recurrent(String name) {
        Layers layers = new Layers();
        layers.add(List.of(layer("first", 1.0), layer(name, 1.0)));
        return layers.hasPlainRecurrent();
    }

    @Test
    void keepsParametersAndKindInTheStoredForm() {
        Layers layers = new Layers();
        layers.register(List.of(new LayerDescription("rnn", 512L, false)));
        FieldWriter writer = new FieldWriter();
        layers.exchange(writer);
        Layers restored = new Layers();
        restored.exchange(new FieldReader(writer.toByteArray()));

        assertThat(restored.parameters()).isEqualTo(512);
        assertThat(restored.hasPlainRecurrent()).isTrue();
    }

    @Test
    void knowsNoRatioBelowTwoLayers() {
        Layers layers = new Layers();
        assertThat(layers.firstToLargest()).isNaN();
        assertThat(layers.largestUpdateRatio()).isNaN();
        layers.add(List.of(layer("a", 1.0)));
        assertThat(layers.firstToLargest()).isNaN();
    }
}
