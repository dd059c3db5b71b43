package org.charlstm.device;

import module java.base;

/**
 * The rule by which {@link Operations#update} changes weights w from their gradients g. The learning rate is not part
 * of a rule, because it may change between updates. Constructors refuse values that would make weights NaN.
 */
public sealed interface UpdateRule {
    /** The names, in order, of the flat state buffers that the rule keeps between updates. */
    List<String> states();

    /**
     * The factors of an update that depend on the learning rate or on the update's number, counted from 1 since the
     * states were zero. Each update has the same number of factors. The factors are computed here in double, so every
     * device gets equal factors.
     */
    default double[] factors(double rate, long update) {
        return new double[] {rate};
    }

    /**
     * The factors of consecutive updates at one learning rate, one update after the other, as {@link Operations#update}
     * takes them. Fewer than one update throws an {@link IllegalArgumentException}.
     */
    default double[] factors(double rate, long first, int updates) {
        if (updates < 1) {
            throw new IllegalArgumentException("factors of " + updates + " updates; there must be at least 1");
        }
        return IntStream.range(0, updates).mapToObj(i -> factors(rate, first + i)).flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /** The rules by name, with Keras' default values. */
    enum Named {
        /** {@link RmsProp}. */
        RMSPROP,
        /** {@link Adam}. */
        ADAM,
        /** {@link Adam} with decoupled weight decay. */
        ADAMW,
        /** {@link Sgd}. */
        SGD;

        /** Finds a rule by its name; throws an {@link IllegalArgumentException} for an unknown name. */
        public static Named of(String title) {
            return Arrays.stream(values()).filter(value -> value.toString().equals(title)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "no optimiser '" + title + "'; there are " + Arrays.toString(values())));
        }

        /** The name on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The rule with Keras' values. */
        public UpdateRule rule() {
            return switch (this) {
                case RMSPROP -> RmsProp.KERAS;
                case ADAM -> Adam.KERAS;
                case ADAMW -> Adam.KERAS_W;
                case SGD -> Sgd.KERAS;
            };
        }

        /** Keras' learning rate. */
        public double learningRate() {
            return switch (this) {
                case RMSPROP -> RmsProp.LEARNING_RATE;
                case ADAM, ADAMW -> Adam.LEARNING_RATE;
                case SGD -> Sgd.LEARNING_RATE;
            };
        }
    }

    /**
     * RMSprop as Keras 1 and 2 and PyTorch compute it, with epsilon outside the root: a = decay a + (1 - decay) g^2,
     * w = w - rate g / (sqrt(a) + epsilon). The source is Hinton, "Neural networks for machine learning", lecture 6e
     * (2012). The state is the running mean a. The decay, Keras' rho, is from 0 to below 1, and epsilon above 0. Weight
     * decay is added to the gradient first, g = g + weightDecay w; 0 for none.
     */
    record RmsProp(double decay, double epsilon, double weightDecay) implements UpdateRule {
        /** Keras' learning rate. */
        public static final double LEARNING_RATE = 0.001;
        /** Keras' decay of the running mean. */
        public static final double DECAY = 0.9;
        /** Keras 2's epsilon. */
        public static final double EPSILON = 1e-7;
        /** Keras 2's values. */
        public static final RmsProp KERAS = new RmsProp(DECAY, EPSILON, 0);

        /** Checks the ranges. */
        public RmsProp {
            requireFraction("decay", decay);
            requireEpsilon(epsilon);
            requireDecay(weightDecay);
        }

        @Override
        public List<String> states() {
            return List.of("mean_square");
        }
    }

    /**
     * Adam as its authors and PyTorch write it, algorithm 1 of Kingma and Ba, "Adam: a method for stochastic
     * optimization" (2015): m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and in update t
     * w = w - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon). The states are the means m and v. Keras
     * adds epsilon to the uncorrected sqrt(v): this acts as an epsilon 30 times larger in the first update, and soon as
     * an equal epsilon.
     *
     * <p>Weight decay is added to the gradient first, g = g + weightDecay w; 0 disables it. Decoupled weight decay
     * shrinks the weight itself, w = w - rate weightDecay w: AdamW of Loshchilov and Hutter, "Decoupled weight decay
     * regularization" (2019), as PyTorch and Keras compute it. Both beta1 and beta2 are from 0 to below 1, and epsilon
     * is above 0.
     */
    record Adam(double beta1, double beta2, double epsilon, double weightDecay,
            boolean decoupled) implements UpdateRule {
        /** The usual learning rate. */
        public static final double LEARNING_RATE = 0.001;
        /** The usual decay of the mean gradients. */
        public static final double BETA1 = 0.9;
        /** The usual decay of the mean squares. */
        public static final double BETA2 = 0.999;
        /** Keras' epsilon; PyTorch has 1e-8. */
        public static final double EPSILON = 1e-7;
        /** Keras' weight decay of AdamW; PyTorch has 0.01. */
        public static final double WEIGHT_DECAY = 0.004;
        /** Keras' values. */
        public static final Adam KERAS = new Adam(BETA1, BETA2, EPSILON, 0, false);
        /** Keras' values of AdamW. */
        public static final Adam KERAS_W = new Adam(BETA1, BETA2, EPSILON, WEIGHT_DECAY, true);

        /** Checks the ranges. */
        public Adam {
            requireFraction("beta1", beta1);
            requireFraction("beta2", beta2);
            requireEpsilon(epsilon);
            requireDecay(weightDecay);
        }

        @Override
        public List<String> states() {
            return List.of("mean", "mean_square");
        }

        /** rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t), and rate weightDecay if weight decay is decoupled, else 0. */
        @Override
        public double[] factors(double rate, long update) {
            return new double[] {rate / (1 - Math.pow(beta1, (double) update)),
                1 / Math.sqrt(1 - Math.pow(beta2, (double) update)), decoupled ? rate * weightDecay : 0};
        }

        /** The weight decay that is added to the gradient: 0 if weight decay is decoupled. */
        public double coupledDecay() {
            return decoupled ? 0 : weightDecay;
        }
    }

    /**
     * Stochastic gradient descent as PyTorch computes it. Without momentum, w = w - rate g. With momentum, the rate
     * stays outside the velocity: v = momentum v + g, w = w - rate v, or with Nesterov's momentum
     * w = w - rate (g + momentum v); at a constant rate, Keras computes the same weights. The source is Sutskever et
     * al., "On the importance of initialization and momentum in deep learning" (2013). Momentum is from 0 to below 1;
     * with momentum, the state is the velocity v. Weight decay is added to the gradient first, g = g + weightDecay w; 0
     * for none.
     */
    record Sgd(double momentum, boolean nesterov, double weightDecay) implements UpdateRule {
        /** Keras' learning rate. */
        public static final double LEARNING_RATE = 0.01;
        /** Keras' values: no momentum. */
        public static final Sgd KERAS = new Sgd(0, false, 0);

        /** Checks the ranges. */
        public Sgd {
            requireFraction("momentum", momentum);
            requireDecay(weightDecay);
            if (nesterov && momentum == 0) {
                throw new IllegalArgumentException("Nesterov's momentum is asked for with a momentum of 0");
            }
        }

        @Override
        public List<String> states() {
            return momentum == 0 ? List.of() : List.of("velocity");
        }
    }

    private static void requireFraction(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("the " + what + " is " + value + "; it must be from 0 to below 1");
        }
    }

    private static void requireEpsilon(double value) {
        // Devices compute in float32, so epsilon must be above 0 in float32 too.
        if (!((float) value > 0 && (float) value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "the epsilon is " + value + "; it must be above 0 and finite, in float32 too");
        }
    }

    private static void requireDecay(double value) {
        if (!(value >= 0 && (float) value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "the weight decay is " + value + "; it must be at least 0 and finite, in float32 too");
        }
    }
}
