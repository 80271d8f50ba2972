package dev.gradwatch.sandbox.training;

import dev.gradwatch.detection.event.LayerNorms;
import dev.gradwatch.detection.event.RunStarted.LayerDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A multi-layer perceptron that learns by back-propagation. Owned by one thread. */
final class Network {

    /** Mean loss and share of right answers over some samples. */
    record Result(double loss, double accuracy) {}

    private final List<DenseLayer> layers = new ArrayList<>();
    private final LossFunction loss;
    /** What goes into each layer, and behind the last one what comes out of it. */
    private double[][] flow = new double[0][];

    private double[][] slopes = new double[0][];
    private int room;

    Network(
            int inputs,
            List<Integer> hidden,
            Activation activation,
            double hiddenBias,
            int outputs,
            LossFunction loss,
            Random random) {
        this.loss = loss;
        int width = inputs;
        for (int units : hidden) {
            layers.add(new DenseLayer("dense_" + (layers.size() + 1), width, units, activation, hiddenBias, random));
            width = units;
        }
        layers.add(new DenseLayer("output", width, outputs, Activation.LINEAR, 0, random));
    }

    List<DenseLayer> layers() {
        return layers;
    }

    List<LayerDescription> describe() {
        return layers.stream()
                .map(layer -> new LayerDescription(layer.name, (long) layer.parameters.length, false))
                .toList();
    }

    /** Computes loss and gradients of a batch; changes no parameter. */
    Result gradients(double[][] inputs, double[][] targets) {
        Result result = evaluate(inputs, targets);
        int samples = inputs.length;
        int last = layers.size() - 1;
        for (int at = 0; at < samples * layers.get(last).outputs; at++) {
            slopes[last + 1][at] /= samples;
        }
        for (int at = last; at >= 0; at--) {
            layers.get(at).backward(flow[at], flow[at + 1], slopes[at + 1], at == 0 ? null : slopes[at], samples);
        }
        return result;
    }

    Result evaluate(double[][] inputs, double[][] targets) {
        int samples = inputs.length;
        makeRoom(samples);
        int width = layers.get(0).inputs;
        for (int sample = 0; sample < samples; sample++) {
            System.arraycopy(inputs[sample], 0, flow[0], sample * width, width);
        }
        for (int at = 0; at < layers.size(); at++) {
            layers.get(at).forward(flow[at], flow[at + 1], samples);
        }
        int units = layers.get(layers.size() - 1).outputs;
        double[] sums = flow[layers.size()];
        double total = 0;
        int right = 0;
        for (int sample = 0; sample < samples; sample++) {
            total += loss.of(sums, sample * units, units, targets[sample], slopes[layers.size()]);
            if (loss.right(sums, sample * units, units, targets[sample])) {
                right++;
            }
        }
        return new Result(total / samples, (double) right / samples);
    }

    /** Global L2 norm of the last gradients. */
    double gradientNorm() {
        double sum = 0;
        for (DenseLayer layer : layers) {
            sum += layer.squaredGradientNorm();
        }
        return Math.sqrt(sum);
    }

    /** Lets every layer learn from the last gradients. */
    List<LayerNorms> learn(List<Optimizer> optimizers, double rate, double factor) {
        List<LayerNorms> norms = new ArrayList<>(layers.size());
        for (int at = 0; at < layers.size(); at++) {
            norms.add(layers.get(at).learn(optimizers.get(at), rate, factor));
        }
        return norms;
    }

    /** Takes over the parameters of a network of the same shape, as from a checkpoint. */
    void restore(Network checkpoint) {
        for (int at = 0; at < layers.size(); at++) {
            double[] from = checkpoint.layers.get(at).parameters;
            System.arraycopy(from, 0, layers.get(at).parameters, 0, from.length);
        }
    }

    private void makeRoom(int samples) {
        if (samples <= room) {
            return;
        }
        room = samples;
        flow = new double[layers.size() + 1][];
        slopes = new double[layers.size() + 1][];
        flow[0] = new double[samples * layers.get(0).inputs];
        for (int at = 0; at < layers.size(); at++) {
            flow[at + 1] = new double[samples * layers.get(at).outputs];
            slopes[at + 1] = new double[samples * layers.get(at).outputs];
        }
    }
}
