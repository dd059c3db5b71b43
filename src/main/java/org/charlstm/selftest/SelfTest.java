package org.charlstm.selftest;

import java.util.List;
import java.util.stream.Stream;

/** Everything that a device is held to. */
public final class SelfTest {
    private SelfTest() {
    }

    /**
     * Every check, from single operations to whole sentences.
     *
     * @param tolerances how far a device may be from the oracle
     * @return the checks, in an order in which the first that fails is the nearest to the cause
     */
    public static List<Check> checks(Tolerances tolerances) {
        return Stream.of(GatherCheck.of(), ConditioningCheck.of(), LastRowsCheck.of(tolerances),
                LstmCheck.of(tolerances), DenseCheck.of(tolerances), EmbeddingCheck.of(tolerances),
                DropoutCheck.of(tolerances), BatchNormCheck.of(tolerances), CrossEntropyCheck.of(tolerances),
                HeadCheck.of(tolerances), ClipCheck.of(tolerances), UpdateCheck.of(tolerances), DrawCheck.of(),
                ModelCheck.of(tolerances), TrainingCheck.of(tolerances), SamplingCheck.of(tolerances))
                .flatMap(List::stream).toList();
    }
}
