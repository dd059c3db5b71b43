package org.charlstm.device.gpu;

import java.util.List;
import org.charlstm.device.Head;
import org.charlstm.device.Operations;

/** A head above an LSTM on trial. Nobody reads its results: the LSTM's gradients come from elsewhere. */
final class TrialHead {
    private final Head head;
    private final GpuMatrix weights;
    private final GpuMatrix gradients;
    private final GpuMatrix inputGradient;
    private final GpuInts targets;
    private final GpuDoubles count;
    private final GpuDoubles totals;

    /** For an LSTM that gives its output in parts of so many rows. */
    TrialHead(HeadAbove above, GpuMemory memory, List<Integer> parts) {
        Head.Shape shape = new Head.Shape(above.shape().inputs(), above.shape().units(), above.shape().symbols(),
                above.shape().activation(), parts);
        int rows = shape.firstRow(parts.size());
        head = above.maker().head(memory, shape);
        weights = memory.flat(new GpuLinearLayout(shape.inputs(), shape.units()).size()
                + new GpuLinearLayout(shape.units(), shape.symbols()).size());
        gradients = memory.flat(weights.columns());
        inputGradient = memory.matrix(rows, shape.inputs());
        targets = memory.ints(rows);
        count = memory.doubles(1);
        count.write(new double[] {rows});
        totals = memory.doubles(Operations.TOTALS);
    }

    /** Takes a part of the LSTM's output. */
    void run(GpuMatrix output, int part) {
        head.run(weights, output, targets, count, inputGradient, part);
    }

    /** After all parts. */
    void finish() {
        head.finish(totals, gradients);
    }
}
