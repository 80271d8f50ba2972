package dev.gradwatch.detection.state;

import dev.gradwatch.detection.alert.Position;
import dev.gradwatch.detection.event.EpochCompleted;
import dev.gradwatch.detection.event.EventField;
import dev.gradwatch.detection.event.IgnoredField;
import dev.gradwatch.detection.event.Profile;
import dev.gradwatch.detection.event.RunEvent;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.event.StepNorms;
import dev.gradwatch.detection.event.Tick;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * All that is remembered of one run: of bounded size whatever the run's length, mutable, owned by one thread. {@link RunStateCodec} turns
 * it into bytes and back. It only gathers evidence; judging it is the detectors' part.
 */
public final class RunState {

    /** Steps for one record up to which a log counts as one of each step: some are lost on the way. */
    private static final double DENSE = 1.5;

    /** Epochs in a row that report a training loss of their own and brought no step: the log of steps has stopped. */
    private static final int EPOCHS_TAKE_OVER = 3;

    /** Step losses between two epochs before a log of steps counts as alive again: the mean of fewer is noise more than a level. */
    private static final int STEPS_AGAIN = 8;

    final RunProgress progress = new RunProgress();
    final LossCurve loss = new LossCurve();
    final NormCurve norm = new NormCurve();
    final ValidationCurve validation = new ValidationCurve();
    final LearningRate learningRate = new LearningRate();
    final Layers layers = new Layers();
    final EpochCurve epochs = new EpochCurve();
    final StepTimes stepTimes = new StepTimes();
    final Map<Metric, RepeatCounter> repeats = new EnumMap<>(Metric.class);
    final LogStride stride = new LogStride();
    final ReportingInterval reportingInterval = new ReportingInterval();
    final DetectorMemory memory = new DetectorMemory();
    final IgnoredFields ignored = new IgnoredFields();
    final AlertHistory alerts = new AlertHistory();
    String runId;
    RunStarted registration;
    int registrationAttempt;
    int registeredLayers;
    private boolean stepNorms;
    private int epochsWithoutSteps;
    private double chanceLoss = Double.NaN;
    private Profile profile = Profile.SUPERVISED;
    private final Observation moment = new Observation();

    public RunState(String runId) {
        this.runId = runId;
        for (Metric metric : Metric.values()) {
            repeats.put(metric, new RepeatCounter());
        }
    }

    public String runId() {
        return runId;
    }

    /** Where the run is, and how it got there. */
    public RunProgress progress() {
        return progress;
    }

    /** The training loss. */
    public LossCurve loss() {
        return loss;
    }

    /** The global gradient norm. */
    public NormCurve norm() {
        return norm;
    }

    public ValidationCurve validation() {
        return validation;
    }

    public LearningRate learningRate() {
        return learningRate;
    }

    public Layers layers() {
        return layers;
    }

    /** The newest epochs. */
    public EpochCurve epochs() {
        return epochs;
    }

    /** How long steps take. */
    public StepTimes stepTimes() {
        return stepTimes;
    }

    public RepeatCounter repeats(Metric metric) {
        return repeats.get(metric);
    }

    public ReportingInterval reportingInterval() {
        return reportingInterval;
    }

    public DetectorMemory memory() {
        return memory;
    }

    public AlertHistory alerts() {
        return alerts;
    }

    /** {@link RunStarted#chanceLoss} of the registration; NaN without one. */
    public double chanceLoss() {
        return chanceLoss;
    }

    /** What may be expected of the loss. */
    public Profile profile() {
        return profile;
    }

    /**
     * Share of the start loss that was gained by learning. Coming down from above what a guess costs, or the trivial predictor, is no
     * learning: from there it counts.
     */
    public double learned() {
        double start = loss.start();
        double trivial = trivialLoss();
        if (!(start > trivial)) {
            return loss.improvement();
        }
        return Double.isInfinite(loss.lowest()) ? 0 : Math.max(0, (trivial - loss.lowest()) / Math.abs(trivial));
    }

    private double trivialLoss() {
        if (!Double.isNaN(chanceLoss)) {
            return chanceLoss;
        }
        Double baseline = registration == null ? null : registration.baselineLoss();
        return baseline != null && baseline > 0 ? baseline : Double.NaN;
    }

    void remember(RunStarted started) {
        registration = started;
        chanceLoss = started == null ? Double.NaN : started.chanceLoss();
        profile = Profile.of(started == null ? null : started.profile());
    }

    /** The last registration without its layers, or {@code null}. */
    public RunStarted registration() {
        return registration;
    }

    /** Time, step and epoch of the last event. */
    public Position position() {
        return new Position(progress.lastMillis(), progress.step(), progress.epoch());
    }

    /** What was left out of the run's events. */
    public IgnoredFields ignored() {
        return ignored;
    }

    /** Remembers what was left out of an event. */
    public void noteIgnored(List<IgnoredField> fields) {
        for (int i = 0; i < fields.size(); i++) {
            ignored.add(fields.get(i));
        }
    }

    /** Takes over what the run said of itself. */
    public void register(RunStarted started) {
        if (registration != null && registrationAttempt == progress.attempt() && started.publisher() == null) {
            ignored.add(
                    new IgnoredField(EventField.REGISTRATION, 1, "replaced; no publisher is named to tell by whom"));
        }
        remember(RegistrationFields.withoutLayers(started));
        registrationAttempt = progress.attempt();
        registeredLayers = fingerprint(started.layers());
        layers.register(started.layers());
        progress.finished = false;
    }

    /** Whether this very registration was taken over already in this attempt. */
    public boolean isRegisteredAs(RunStarted started) {
        return registrationAttempt == progress.attempt()
                && registeredLayers == fingerprint(started.layers())
                && RegistrationFields.withoutLayers(started).equals(registration);
    }

    /** The layers themselves are kept elsewhere, and only what rules need of them. */
    private static int fingerprint(List<RunStarted.LayerDescription> layers) {
        int print = layers.size();
        for (int i = 0; i < layers.size(); i++) {
            RunStarted.LayerDescription layer = layers.get(i);
            print = 31 * print + layer.name().hashCode();
            print = 31 * print + (layer.parameters() == null ? -1 : Long.hashCode(layer.parameters()));
            print = 31 * print + (layer.frozen() ? 1 : 0);
        }
        return print;
    }

    /** Notes when the run was heard, for its habit of silence. */
    public void received(long timeMillis) {
        reportingInterval.received(timeMillis);
    }

    /** Begins a new attempt: new baselines, no open alerts; the registration and the habit of silence stay. */
    public void startAttempt(int attempt) {
        progress.startAttempt(attempt);
        loss.clear();
        norm.clear();
        validation.startAttempt();
        learningRate.clear();
        layers.clear();
        epochs.clear();
        stepTimes.clear();
        stride.clear();
        for (RepeatCounter metric : repeats.values()) {
            metric.clear();
        }
        memory.clear();
        alerts.startAttempt();
        stepNorms = false;
        epochsWithoutSteps = 0;
    }

    /** Takes in a step that is known to be new. */
    public Observation observe(StepNorms step) {
        moment.start(step, null, null);
        progress.advance(step.step(), step.epoch());
        rate(step.learningRate());
        layers.add(step.layers());
        boolean sparse = stride.turnsSparse(step.step());
        if (sparse) {
            norm.forgetRecent();
        }
        moment.stepTimesCompleted = stepTimes.add(step.step(), progress.lastMillis());
        if (step.gradientNorm() != null) {
            if (!stepNorms && norm.count() > 0) {
                norm.clear();
            }
            stepNorms = true;
            norm(step.gradientNorm());
        }
        if (step.loss() != null) {
            progress.trainLoss = step.loss();
            repeat(Metric.STEP_LOSS, step.loss());
            stepLoss(step.loss(), sparse);
            if (Double.isFinite(step.loss())) {
                epochs.addStepLoss(step.loss());
            }
        }
        return moment;
    }

    /** Takes in an epoch that is known to be new. */
    public Observation observe(EpochCompleted epoch) {
        moment.start(null, epoch, null);
        progress.advance(epoch.step(), epoch.epoch());
        rate(epoch.learningRate());
        epochs.advance(orNaN(epoch.epoch()));
        moment.epochLossArrived = epochs.add(
                orNaN(epoch.trainLoss()),
                isAccuracy(Metric.TRAIN_ACCURACY) ? orNaN(epoch.trainAccuracy()) : Double.NaN,
                isAccuracy(Metric.VALIDATION_ACCURACY) ? orNaN(epoch.validationAccuracy()) : Double.NaN);
        repeat(Metric.TRAIN_LOSS, epoch.trainLoss());
        repeat(Metric.VALIDATION_LOSS, epoch.validationLoss());
        repeat(Metric.TRAIN_ACCURACY, epoch.trainAccuracy());
        repeat(Metric.VALIDATION_ACCURACY, epoch.validationAccuracy());
        // A mean over an epoch says nothing next to the steps' own norms.
        if (epoch.gradientNorm() != null && !stepNorms) {
            norm(epoch.gradientNorm());
        }
        if (epoch.trainLoss() != null) {
            epochLoss(epoch.trainLoss());
        }
        if (epoch.validationAccuracy() != null
                && Double.isFinite(epoch.validationAccuracy())
                && isAccuracy(Metric.VALIDATION_ACCURACY)) {
            validation.addAccuracy(epoch.validationAccuracy());
        }
        if (epoch.validationLoss() != null) {
            progress.validationLoss = epoch.validationLoss();
            if (Double.isFinite(epoch.validationLoss())) {
                moment.validationLossArrived = true;
                validation.addLoss(
                        epoch.validationLoss(),
                        trainLevelForValidation(),
                        progress.epoch() == null ? Double.NaN : progress.epoch());
            }
        }
        return moment;
    }

    /** Takes in any other event. */
    public Observation observe(RunEvent event) {
        moment.start(null, null, event);
        if (event instanceof Tick tick) {
            moment.silentMillis = tick.silentMillis();
        }
        return moment;
    }

    /** The training loss to hold against a validation loss: smoothed where single steps are noisy. */
    public double trainLevelForValidation() {
        if (loss.ofSteps()) {
            return loss.recent().size() >= 5 ? loss.recent().medianOfLast(9) : Double.NaN;
        }
        return loss.blocks().size() == 0
                ? Double.NaN
                : loss.blocks().mean(loss.blocks().size() - 1);
    }

    /** An error rate in the place of an accuracy, as the registration may say, tells no rule on accuracies anything. */
    public boolean isAccuracy(Metric metric) {
        return registration == null || !registration.lowerIsBetter().contains(metric.field());
    }

    /** Whether nearly every optimizer step is logged, so that a record is one batch and not a mean over many. */
    public boolean logsEachStep() {
        long stepsDone = progress.stepsDone();
        return loss.ofSteps() && stepsDone >= 0 && stepsDone < DENSE * loss.size();
    }

    private static double orNaN(Double value) {
        return value == null ? Double.NaN : value;
    }

    private void rate(Double rate) {
        if (rate != null && Double.isFinite(rate)) {
            learningRate.add(rate);
        }
    }

    private void norm(double value) {
        progress.gradientNorm = value;
        if (Double.isFinite(value)) {
            norm.add(value);
            moment.normArrived = true;
            moment.norm = value;
        }
    }

    private void stepLoss(double value, boolean sparse) {
        epochsWithoutSteps = 0;
        boolean follows = !loss.tookOver() || epochs.stepLosses() >= STEPS_AGAIN;
        if (Double.isFinite(value) && follows) {
            double lowest = loss.lowest();
            trainLossArrived(value, loss.addStep(value, sparse), lowest);
        }
    }

    private void epochLoss(double value) {
        if (!Double.isFinite(value)) {
            progress.trainLoss = loss.ofSteps() ? progress.trainLoss : (Double) value;
            return;
        }
        double lowest = loss.lowest();
        if (!loss.ofSteps()) {
            progress.trainLoss = value;
            trainLossArrived(value, loss.addEpoch(value), lowest);
        } else if (++epochsWithoutSteps >= EPOCHS_TAKE_OVER) {
            progress.trainLoss = value;
            loss.takeOver(epochs.firstTrainLoss(), epochs.trainLoss(), EPOCHS_TAKE_OVER);
            trainLossArrived(value, true, Double.POSITIVE_INFINITY);
        }
    }

    private void trainLossArrived(double value, boolean blockCompleted, double lowestBefore) {
        moment.trainLossArrived = true;
        moment.trainLoss = value;
        moment.trainBlockCompleted = blockCompleted;
        if (loss.lowest() < lowestBefore) {
            progress.markBest();
        }
    }

    private void repeat(Metric metric, Double value) {
        if (value != null && Double.isFinite(value)) {
            repeats.get(metric).add(value, loss.level());
        }
    }

    boolean stepNorms() {
        return stepNorms;
    }

    void stepNorms(boolean value) {
        stepNorms = value;
    }

    /**
     * The step before the newest {@code norms} gradient norms, of which a publisher may send only every tenth step; {@code null} when
     * unknown.
     */
    public Long stepBeforeNorms(int norms) {
        Long step = progress.step();
        long done = progress.stepsDone();
        if (step == null || done < 0 || norm.count() < 2) {
            return progress.lastHealthyStep();
        }
        return Math.max(step - done, step - Math.round((double) norms * done / (norm.count() - 1)));
    }

    int epochsWithoutSteps() {
        return epochsWithoutSteps;
    }

    void epochsWithoutSteps(int value) {
        epochsWithoutSteps = value;
    }
}
