package org.charlstm.train;

import org.charlstm.base.Refuse;

/** How the learning rate changes over a training. Each update can have its own rate, so epochs are fractions. */
public sealed interface Schedule {
    /**
     * The rate of an update, without the factor of the warm-up. {@code begun} is the rate at the beginning of the
     * training, {@code course} comes from {@link #next}, {@code epoch} counts the epochs before the update, from 0, and
     * {@code warmUp} the epochs of the warm-up.
     */
    double rate(double begun, Course course, double epoch, double warmUp);

    /** The state after an epoch with a loss (of validation, if any); unchanged if the schedule ignores losses. */
    default Course next(Course course, double loss) {
        return course;
    }

    /**
     * The state of a schedule that depends on losses.
     *
     * @param factor the factor of the rate, above 0, at most 1
     * @param best   the lowest loss so far; {@link Double#MAX_VALUE} before the first epoch
     * @param waited the number of epochs since the lowest loss or the last decay
     */
    record Course(double factor, double best, int waited) {
        /** The state before the first epoch. */
        public static final Course BEGIN = new Course(1, Double.MAX_VALUE, 0);

        /** Refuses values that no training reaches. */
        public Course {
            requireDecay(factor);
            Refuse.argumentIf(!(Math.abs(best) <= Double.MAX_VALUE) || waited < 0,
                    "a loss of " + best + ", " + waited + " epochs ago");
        }
    }

    /** The same rate in every update. */
    record Constant() implements Schedule {
        @Override
        public double rate(double begun, Course course, double epoch, double warmUp) {
            return begun;
        }
    }

    /** Multiplies the rate by a decay, above 0, at most 1, after every {@code every} epochs, as PyTorch's StepLR. */
    record Step(double decay, int every) implements Schedule {
        /** The default gamma of PyTorch's StepLR, and the default factor of {@link Plateau} in Keras and PyTorch. */
        public static final double DECAY = 0.1;

        /** Refuses settings out of range. */
        public Step {
            requireDecay(decay);
            requireAtLeastOne("number of epochs", every);
        }

        @Override
        public double rate(double begun, Course course, double epoch, double warmUp) {
            return begun * Math.pow(decay, Math.floor(epoch / every));
        }
    }

    /** Multiplies the rate by a decay over {@code every} epochs, a little in each update: Keras' ExponentialDecay. */
    record Exponential(double decay, int every) implements Schedule {
        /** Refuses settings out of range. */
        public Exponential {
            requireDecay(decay);
            requireAtLeastOne("number of epochs", every);
        }

        @Override
        public double rate(double begun, Course course, double epoch, double warmUp) {
            return begun * Math.pow(decay, epoch / every);
        }
    }

    /**
     * Lowers the rate along half a cosine after the warm-up: Loshchilov and Hutter, "SGDR: stochastic gradient descent
     * with warm restarts" (2017), without the restarts.
     *
     * @param epochs  the number of epochs, warm-up included, after which the rate stays at {@code minimum}
     * @param minimum the lowest rate, at least 0
     */
    record Cosine(int epochs, double minimum) implements Schedule {
        /** Refuses settings out of range. */
        public Cosine {
            requireAtLeastOne("number of epochs", epochs);
            requireMinimum(minimum);
        }

        @Override
        public double rate(double begun, Course course, double epoch, double warmUp) {
            double part = epoch <= warmUp ? 0 : epoch >= epochs ? 1 : (epoch - warmUp) / (epochs - warmUp);
            return minimum + (begun - minimum) * (1 + Math.cos(Math.PI * part)) / 2;
        }
    }

    /**
     * Multiplies the rate by a decay after {@code patience} epochs in a row whose loss did not improve on the lowest
     * loss by more than {@link #LEAST}, as Keras' ReduceLROnPlateau.
     *
     * @param decay    the factor, above 0, at most 1
     * @param patience the number of epochs, at least 1
     * @param minimum  the lowest rate, at least 0
     */
    record Plateau(double decay, int patience, double minimum) implements Schedule {
        /** The least decrease of a loss that counts as an improvement. */
        public static final double LEAST = 1e-4;
        /** Keras' patience. */
        public static final int PATIENCE = 10;

        /** Refuses settings out of range. */
        public Plateau {
            requireDecay(decay);
            requireAtLeastOne("patience", patience);
            requireMinimum(minimum);
        }

        @Override
        public double rate(double begun, Course course, double epoch, double warmUp) {
            return Math.max(begun * course.factor, Math.min(minimum, begun));
        }

        @Override
        public Course next(Course course, double loss) {
            if (loss < course.best - LEAST) {
                return new Course(course.factor, loss, 0);
            }
            if (course.waited < patience - 1) {
                return new Course(course.factor, course.best, course.waited + 1);
            }
            return new Course(Math.max(course.factor * decay, Double.MIN_NORMAL), course.best, 0);
        }
    }

    private static void requireDecay(double value) {
        Refuse.argumentIf(!(value > 0 && value <= 1), "the decay is " + value + "; it must be above 0 and at most 1");
    }

    private static void requireAtLeastOne(String what, int value) {
        Refuse.argumentIf(value < 1, "the " + what + " is " + value + "; it must be at least 1");
    }

    private static void requireMinimum(double value) {
        // Devices compute in float32.
        Refuse.argumentIf(!(value == 0 || ((float) value > 0 && (float) value < Float.POSITIVE_INFINITY)),
                "the lowest rate is " + value + "; it must be 0 or above, in float32 too");
    }
}
