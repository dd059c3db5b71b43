package org.charlstm.train;

import org.charlstm.base.Refuse;

/** How the learning rate changes over a training. Epochs may be fractions here, since updates are counted. */
public sealed interface Schedule {
    /**
     * The rate of an update, without the factor of the warm-up. Epochs are those before it, from 0, and those of the
     * warm-up; the training began at a rate, and {@link #next} gives the course.
     */
    double rate(double begun, Course course, double epoch, double warmUp);

    /** The state after an epoch with a loss, of validation if there is one; the same if losses do not matter. */
    default Course next(Course course, double loss) {
        return course;
    }

    /**
     * The state of a schedule that depends on losses.
     *
     * @param factor of the rate, above 0, at most 1
     * @param best   the lowest loss until now, {@link Double#MAX_VALUE} before the first
     * @param waited epochs since then
     */
    record Course(double factor, double best, int waited) {
        /** Before the first epoch. */
        public static final Course BEGIN = new Course(1, Double.MAX_VALUE, 0);

        /** Refuses what no training comes to. */
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

    /** Multiplies the rate by a decay, above 0, at most 1, after every so many epochs, at least 1: PyTorch's StepLR. */
    record Step(double decay, int every) implements Schedule {
        /** The gamma of PyTorch's, and the factor of Keras' and PyTorch's {@link Plateau}. */
        public static final double DECAY = 0.1;

        /** Refuses a decay that is none. */
        public Step {
            requireDecay(decay);
            requireAtLeastOne("number of epochs", every);
        }

        @Override
        public double rate(double begun, Course course, double epoch, double warmUp) {
            return begun * Math.pow(decay, Math.floor(epoch / every));
        }
    }

    /** The same over every so many epochs, a little in each update, as Keras' ExponentialDecay. */
    record Exponential(double decay, int every) implements Schedule {
        /** Refuses a decay that is none. */
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
     * @param epochs  until the lowest rate, which then stays; they include the warm-up
     * @param minimum the lowest rate, at least 0
     */
    record Cosine(int epochs, double minimum) implements Schedule {
        /** Refuses no epochs. */
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
     * Multiplies the rate after so many epochs in a row whose loss was not lower than the lowest before by more than
     * {@link #LEAST}, as Keras' ReduceLROnPlateau.
     *
     * @param decay    the factor, above 0, at most 1
     * @param patience epochs, at least 1
     * @param minimum  the lowest rate, at least 0
     */
    record Plateau(double decay, int patience, double minimum) implements Schedule {
        /** The least improvement of a loss that counts. */
        public static final double LEAST = 1e-4;
        /** Keras' patience. */
        public static final int PATIENCE = 10;

        /** Refuses a decay that is none. */
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
