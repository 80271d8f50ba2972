package dev.gradwatch.detection.scenario;

import dev.gradwatch.detection.event.LayerNorms;
import java.util.ArrayList;
import java.util.List;

/** The layers of a step. */
public final class LayerStack {

    private LayerStack() {}

    /** Healthy layers: normal gradients, a tenth of them zero, updates of a thousandth of the weights. */
    public static List<LayerNorms> healthy(int count, double norm) {
        List<LayerNorms> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            layers.add(layer(i, norm / Math.sqrt(count)));
        }
        return layers;
    }

    /** Healthy layers but for one without a gradient. */
    public static List<LayerNorms> withDead(int count, double norm, int... dead) {
        List<LayerNorms> layers = healthy(count, norm);
        for (int i : dead) {
            layers.set(i, new LayerNorms("layer" + i, 0.0, 1.0, 5.0, 0.0));
        }
        return layers;
    }

    /** Gradients that shrink by {@code factor} with every layer nearer to the input. */
    public static List<LayerNorms> shrinking(int count, double norm, double factor) {
        List<LayerNorms> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            layers.add(layer(i, norm * Math.pow(factor, count - 1 - i)));
        }
        return layers;
    }

    /** Healthy gradients, and updates of a share of the weights. */
    public static List<LayerNorms> updating(int count, double norm, double ratio) {
        List<LayerNorms> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            layers.add(new LayerNorms("layer" + i, norm, 0.1, 5.0, 5 * ratio));
        }
        return layers;
    }

    private static LayerNorms layer(int index, double norm) {
        return new LayerNorms("layer" + index, norm, 0.1, 5.0, 5e-3);
    }
}
