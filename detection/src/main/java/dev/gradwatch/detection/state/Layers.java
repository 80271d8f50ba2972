package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted.LayerDescription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The layers of a run in the order in which they were first heard of, from input to output. At most {@link #CAPACITY}: what goes beyond is
 * added to the last one, as the root of the summed squares of its norms and the smallest of its zero fractions.
 */
public final class Layers {

    /** Layers that are told apart. */
    public static final int CAPACITY = 256;

    /** The last place holds what goes beyond the capacity. */
    private static final int REST = CAPACITY - 1;

    private final List<Layer> layers = new ArrayList<>();
    private long parameters;

    void register(List<LayerDescription> descriptions) {
        parameters = 0;
        // Several descriptions may share a layer (beyond the capacity): it is frozen when one of them is.
        Set<Layer> frozen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Layer> described = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < descriptions.size(); i++) {
            LayerDescription description = descriptions.get(i);
            parameters += description.parameters() == null ? 0 : description.parameters();
            Layer layer = find(description.name(), i);
            described.add(layer);
            if (description.frozen()) {
                frozen.add(layer);
            }
        }
        described.forEach(layer -> layer.frozen(frozen.contains(layer)));
    }

    void add(List<LayerNorms> norms) {
        int told = Math.min(norms.size(), REST);
        for (int i = 0; i < told; i++) {
            LayerNorms norm = norms.get(i);
            find(norm.name(), i).add(norm.gradientNorm(), norm.zeroFraction(), norm.weightNorm(), norm.updateNorm());
        }
        if (norms.size() > REST) {
            addRest(norms.subList(REST, norms.size()));
        }
    }

    private void addRest(List<LayerNorms> norms) {
        Double gradient = null;
        double zeros = 1;
        Double weight = null;
        Double update = null;
        for (LayerNorms norm : norms) {
            gradient = added(gradient, norm.gradientNorm());
            zeros = Math.min(zeros, norm.zeroFraction() == null ? 0 : norm.zeroFraction());
            weight = added(weight, norm.weightNorm());
            update = added(update, norm.updateNorm());
        }
        find("(other layers)", REST).add(gradient, zeros, weight, update);
    }

    /** The norm of both together; {@code null} while none is known, which is not the same as zero. */
    private static Double added(Double norm, Double more) {
        if (norm == null || more == null) {
            return norm == null ? more : norm;
        }
        return Math.hypot(norm, more);
    }

    /** Publishers send layers in one order, so the expected place is right but for the first time. */
    private Layer find(String name, int expected) {
        int hash = name.hashCode();
        if (expected < layers.size() && layers.get(expected).nameHash() == hash) {
            return layers.get(expected);
        }
        for (Layer layer : layers) {
            if (layer.nameHash() == hash) {
                return layer;
            }
        }
        if (layers.size() == CAPACITY) {
            return layers.get(REST);
        }
        Layer layer = new Layer(hash);
        layer.classifyByName(name);
        layers.add(layer);
        return layer;
    }

    /** The layer of a name, or {@code null}. */
    public Layer named(String name) {
        int hash = name.hashCode();
        for (Layer layer : layers) {
            if (layer.nameHash() == hash) {
                return layer;
            }
        }
        return null;
    }

    public int size() {
        return layers.size();
    }

    /** Parameters of all registered layers; 0 when unknown. */
    public long parameters() {
        return parameters;
    }

    /** Whether a layer is a plain recurrent one by its name, which neither LSTM nor GRU is. */
    public boolean hasPlainRecurrent() {
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i).isPlainRecurrent()) {
                return true;
            }
        }
        return false;
    }

    /** The layer at {@code index}, 0 being nearest to the input. */
    public Layer get(int index) {
        return layers.get(index);
    }

    /** Steps in a row that the layer has had no gradient for which has been without one the longest. */
    public int longestZeroRun() {
        int longest = 0;
        for (int i = 0; i < layers.size(); i++) {
            longest = Math.max(longest, layers.get(i).zeroRun());
        }
        return longest;
    }

    /** Largest update-to-weight ratio of the newest step; NaN when no layer reports one. */
    public double largestUpdateRatio() {
        double largest = Double.NaN;
        for (int i = 0; i < layers.size(); i++) {
            double ratio = layers.get(i).updateRatio();
            if (!(ratio <= largest) && !Double.isNaN(ratio)) {
                largest = ratio;
            }
        }
        return largest;
    }

    /** Smoothed norm of the first learning layer over the largest one; NaN below two layers with a norm. */
    public double firstToLargest() {
        double first = Double.NaN;
        double largest = 0;
        int known = 0;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            double norm = layer.norm();
            if (Double.isNaN(norm) || layer.isFrozen()) {
                continue;
            }
            known++;
            if (known == 1) {
                first = norm;
            }
            largest = Math.max(largest, norm);
        }
        return known < 2 || largest == 0 ? Double.NaN : first / largest;
    }

    void clear() {
        layers.clear();
        parameters = 0;
    }

    void exchange(Fields fields) {
        int count = fields.count(layers.size(), CAPACITY);
        if (fields.reading()) {
            layers.clear();
            for (int i = 0; i < count; i++) {
                layers.add(new Layer(0));
            }
        }
        for (Layer layer : layers) {
            layer.exchange(fields);
        }
        parameters = fields.hasMore() ? fields.varint(parameters) : 0;
    }
}
