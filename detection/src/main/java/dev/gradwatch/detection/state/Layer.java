package dev.gradwatch.detection.state;

import dev.gradwatch.detection.codec.Fields;
import java.util.Locale;

/** What is remembered of one layer: under 24 bytes when stored, so floats where they suffice. */
public final class Layer {

    /** Weight of the newest norm in the average: a memory of about ten steps. */
    private static final float SMOOTHING = 0.1f;

    /** Gradient norm from which a layer has been alive: far above rounding errors. */
    private static final double ALIVE = 1e-3;

    /** Share of zeros below which a gradient is dense; embeddings are never. Set by eye on recorded runs. */
    private static final double DENSE = 0.9;

    /** Larger norms count as this one, so that no sum of two overflows a float. */
    private static final double LARGEST = 1e38;

    /** A gradient with this share of exact zeros moves nothing. */
    private static final double ALL_ZERO = 0.999;

    /** Bits of the flags. */
    private static final int WAS_ALIVE = 1;

    private static final int WAS_DENSE = 2;
    private static final int FROZEN = 4;
    private static final int PLAIN_RECURRENT = 8;

    private int nameHash;
    private float norm = Float.NaN;
    private float zeroFraction = Float.NaN;
    private float updateRatio = Float.NaN;
    private int zeroRun;
    private int flags;

    Layer(int nameHash) {
        this.nameHash = nameHash;
    }

    void add(Double gradientNorm, Double zeros, Double weightNorm, Double updateNorm) {
        boolean gone = gradientNorm != null && Math.abs(gradientNorm) < NormCurve.ZERO;
        if (zeros != null && !zeros.isNaN()) {
            zeroFraction = zeros.floatValue();
            // Only a layer that was dense can die by its zeros: an embedding is sparse by nature.
            gone |= zeros >= ALL_ZERO && (flags & WAS_DENSE) != 0;
            if (zeros < DENSE) {
                flags |= WAS_DENSE;
            }
        }
        zeroRun = gone ? zeroRun + 1 : 0;
        if (gradientNorm != null && Double.isFinite(gradientNorm)) {
            float next = (float) Math.max(-LARGEST, Math.min(LARGEST, gradientNorm));
            norm = Float.isNaN(norm) ? next : norm + SMOOTHING * (next - norm);
            if (!gone && gradientNorm > ALIVE) {
                flags |= WAS_ALIVE;
            }
        }
        if (weightNorm != null && updateNorm != null && weightNorm > 0) {
            updateRatio = (float) (updateNorm / weightNorm);
        }
    }

    /** Notes what a layer's name says of its kind: the name itself is not kept. */
    void classifyByName(String name) {
        if (name.toLowerCase(Locale.ROOT).contains("rnn")) {
            flags |= PLAIN_RECURRENT;
        }
    }

    int nameHash() {
        return nameHash;
    }

    /** Takes over what a registration says. A layer that thaws begins anew: its zeros were on purpose. */
    void frozen(boolean frozen) {
        if (isFrozen() && !frozen) {
            zeroRun = 0;
        }
        flags = frozen ? flags | FROZEN : flags & ~FROZEN;
    }

    /** Smoothed gradient norm; NaN while unknown. */
    public double norm() {
        return norm;
    }

    /** Share of exact zeros in the newest gradient; NaN while unknown. */
    public double zeroFraction() {
        return zeroFraction;
    }

    /** Newest update norm over weight norm; NaN while unknown. */
    public double updateRatio() {
        return updateRatio;
    }

    /** Steps in a row without any gradient. */
    public int zeroRun() {
        return zeroRun;
    }

    /** Whether it ever had a gradient worth the name. */
    public boolean wasAlive() {
        return (flags & WAS_ALIVE) != 0;
    }

    /** Whether the registration says that it does not learn, on purpose. */
    public boolean isFrozen() {
        return (flags & FROZEN) != 0;
    }

    /** Whether its name is that of a recurrent layer without gates. */
    public boolean isPlainRecurrent() {
        return (flags & PLAIN_RECURRENT) != 0;
    }

    void exchange(Fields fields) {
        nameHash = (int) fields.varint(nameHash);
        norm = fields.float32(norm);
        zeroFraction = fields.float32(zeroFraction);
        updateRatio = fields.float32(updateRatio);
        zeroRun = (int) fields.varint(zeroRun);
        flags = (int) fields.varint(flags);
    }
}
