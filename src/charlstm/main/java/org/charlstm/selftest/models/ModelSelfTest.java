package org.charlstm.selftest.models;

import module java.base;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.SelfTest;
import org.charlstm.selftest.Tolerances;

/** Everything that a device must compute like the oracle: its operations, and models built from them. */
public final class ModelSelfTest {
    private static final double EXACT = 0;

    /** All checks, from single operations to whole sentences. The first failure is closest to the cause. */
    public static List<Check> checks(Tolerances tolerances) {
        return Stream.concat(SelfTest.checks(tolerances).stream(), models(tolerances).stream()).toList();
    }

    /** The checks that involve more than one operation. */
    public static List<Check> models(Tolerances tolerances) {
        TrainingCheck training = new TrainingCheck();
        return List.of(new Check("loss and gradients", tolerances.gradients(), ModelCheck.gradients(false)),
                new Check("the same with ReLU", tolerances.switched(), ModelCheck.gradients(true)),
                new Check("graph against eager", EXACT, tolerances.weights(), ModelCheck.replay()),
                new Check("losses of ten steps", tolerances.model(), training.losses()),
                new Check("weights after ten steps", tolerances.weights(), training.weights()),
                new Check("same bits from one seed", EXACT, tolerances.weights(), training.repeated()),
                new Check("sentences", tolerances.draws(), SentencesCheck.sentences()));
    }
}
