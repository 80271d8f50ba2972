package dev.gradwatch.detection.alert;

/** Every cause that a diagnosis may name. Codes are part of the public contract. */
public enum CauseCode {
    LEARNING_RATE_TOO_LOW(
            "learning-rate-too-low",
            "learning rate too low",
            "raise the learning rate 10 to 100 x, or run a range test; check the schedule"),
    LEARNING_RATE_TOO_HIGH(
            "learning-rate-too-high",
            "learning rate too high",
            "lower the learning rate 3 to 10 x, add warm-up or clipping"),
    OPTIMIZER_NOT_STEPPING(
            "optimizer-not-stepping",
            "optimizer not stepping",
            "check that the parameters were handed to the optimizer, that its rate is not 0 and that no scaler skips every step"),
    SATURATING_ACTIVATIONS(
            "saturating-activations",
            "saturating activations",
            "use the ReLU family, normalization layers or residual connections, and He or Glorot initialization"),
    UNSTABLE_GRADIENTS(
            "unstable-gradients",
            "unstable gradients",
            "clip the global norm at 1.0, lower the learning rate, add normalization"),
    DYING_RELU(
            "dying-relu", "dying ReLU", "use LeakyReLU or ELU, lower the learning rate, avoid large negative biases"),
    UNSUITABLE_RECURRENT_ACTIVATION(
            "unsuitable-recurrent-activation",
            "unsuitable recurrent activation",
            "use tanh, LSTM or GRU, and clip gradients"),
    UNSCALED_INPUTS(
            "unscaled-inputs", "unscaled inputs", "scale the inputs to about 0..1 or to zero mean and unit variance"),
    OVERFITTING("overfitting", "overfitting", "stop here; augment or add data"),
    MISSING_REGULARIZATION(
            "missing-regularization", "missing regularization", "add dropout, weight decay or early stopping"),
    INSUFFICIENT_DATA(
            "insufficient-data", "too little data", "add data, augment it, or start from a pre-trained model"),
    EXCESS_CAPACITY(
            "excess-capacity", "model too large for the data", "use a smaller model or stronger regularization"),
    INSUFFICIENT_CAPACITY(
            "insufficient-capacity", "model too small", "use a larger model or better features, or train longer"),
    CLASS_IMBALANCE(
            "class-imbalance", "class imbalance", "weight or resample the classes, and watch a balanced metric"),
    NOISY_OR_UNINFORMATIVE_DATA(
            "noisy-or-uninformative-data",
            "noisy or uninformative data",
            "check labels, features and shuffling on a few samples by hand"),
    TRAIN_VALIDATION_MISMATCH(
            "train-validation-mismatch",
            "training and validation data differ",
            "run both through one pipeline and split them stratified"),
    SADDLE_POINT(
            "saddle-point",
            "saddle point",
            "add momentum, restart with another seed, or change the schedule or batch size"),
    BATCH_TOO_SMALL(
            "batch-too-small", "batch too small", "use a larger batch or accumulate gradients, or lower the rate"),
    BATCH_TOO_LARGE("batch-too-large", "batch too large", "use a smaller batch, or scale the learning rate with it"),
    UNSUITABLE_OPTIMIZER(
            "unsuitable-optimizer", "unsuitable optimizer", "switch to the optimizer of the better sibling run"),
    UNTUNED_HYPERPARAMETERS(
            "untuned-hyperparameters",
            "untuned hyper-parameters",
            "search around the settings of the best sibling run"),
    WRONG_LOSS_OR_OUTPUT_ACTIVATION(
            "wrong-loss-or-output-activation",
            "wrong loss or output activation",
            "use categorical cross-entropy for more than two classes, and check whether the loss expects logits"),
    CORRUPT_BATCH("corrupt-batch", "corrupt batch", "inspect the batch at this step, and skip or repair it"),
    MIXED_PRECISION_OVERFLOW(
            "mixed-precision-overflow",
            "mixed precision overflow",
            "nothing while loss scaling is on and single steps are skipped; otherwise use dynamic loss scaling or bfloat16"),
    LAUNCH_FAILURE("launch-failure", "launch failure", "look at the job's own log: it never began to train"),
    INFRASTRUCTURE_FAULT(
            "infrastructure-fault",
            "infrastructure fault",
            "check the node, the data loader and the network of this run"),
    INSUFFICIENT_EVIDENCE(
            "insufficient-evidence",
            "insufficient evidence",
            "publish per-layer norms and the run's settings, so that causes can be told apart");

    private final String code;
    private final String title;
    private final String remedy;

    CauseCode(String code, String title, String remedy) {
        this.code = code;
        this.title = title;
        this.remedy = remedy;
    }

    /** Stable code, such as {@code unscaled-inputs}. */
    public String code() {
        return code;
    }

    /** The same for people. */
    public String title() {
        return title;
    }

    /** What to do about it when no more is known. */
    public String remedy() {
        return remedy;
    }

    /** The title of a code, or the code itself when this build does not know it. */
    public static String titleOf(String code) {
        for (CauseCode cause : values()) {
            if (cause.code.equals(code)) {
                return cause.title;
            }
        }
        return code;
    }
}
