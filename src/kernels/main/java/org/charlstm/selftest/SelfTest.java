package org.charlstm.selftest;

import module java.base;
import org.charlstm.device.RecurrentCell;

/** The checks that a device computes its operations as the oracle does. */
public final class SelfTest {
    private static final double EXACT = 0;

    /** The checks of all operations; {@link Check#run} applies a check to a device. */
    public static List<Check> checks(Tolerances tolerances) {
        double operation = tolerances.operation();
        List<Check> checks = new ArrayList<>(List.of(
                new Check("append", EXACT, CopyCheck.append()),
                new Check("pick", EXACT, CopyCheck.pick()),
                new Check("gather and add", EXACT, GatherCheck.gather()),
                new Check("features", EXACT, GatherCheck.features()),
                new Check("states", EXACT, CopyCheck.states()),
                new Check("last rows", operation, CopyCheck.lastRows())));
        for (String kind : RecurrentCell.KINDS) {
            String title = kind.toUpperCase(Locale.ROOT);
            checks.add(new Check(title + " forward", tolerances.lstm(), RnnCheck.forward(kind)));
            checks.add(new Check(title + " backward", tolerances.lstm(), RnnCheck.backward(kind)));
        }
        checks.addAll(List.of(
                new Check("product", operation, ProductCheck.matmul()),
                new Check("dense forward", operation, DenseCheck.forward()),
                new Check("dense backward", operation, DenseCheck.backward()),
                new Check("embedding", operation, EmbeddingCheck.embedding()),
                new Check("tied kernel", operation, EmbeddingCheck.tiedKernel()),
                new Check("dropout", operation, DropoutCheck.dropout()),
                new Check("batch normalisation", tolerances.gradients(), BatchNormCheck.batchNorm()),
                new Check("softmax and cross-entropy", operation, CrossEntropyCheck.crossEntropy()),
                new Check("head as one", operation, HeadCheck.head()),
                new Check("norm and clip", operation, UpdateCheck.clip()),
                new Check("RMSprop", operation, UpdateCheck.rmsProp()),
                new Check("SGD", operation, UpdateCheck.sgd()),
                new Check("Adam", operation, UpdateCheck.adam()),
                new Check("sum of gradients", operation, UpdateCheck.accumulate()),
                new Check("draw", EXACT, DrawCheck.draw())));
        return List.copyOf(checks);
    }
}
