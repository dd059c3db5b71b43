package org.charlstm.device.cuda.lstm;

import java.util.List;
import org.charlstm.device.Head;
import org.charlstm.device.HeadShape;
import org.charlstm.device.Operations;
import org.charlstm.device.cuda.linear.CudaLinearLayout;
import org.charlstm.device.cuda.memory.CudaDoubles;
import org.charlstm.device.cuda.memory.CudaInts;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.cuda.memory.CudaMemory;

/** A head above an LSTM on trial. Nobody reads its results: the LSTM's gradients come from elsewhere. */
final class TrialHead {
    private final Head head;
    private final CudaMatrix weights;
    private final CudaMatrix gradients;
    private final CudaMatrix inputGradient;
    private final CudaInts targets;
    private final CudaDoubles count;
    private final CudaDoubles totals;

    /** For an LSTM that gives its output in parts of so many rows. */
    TrialHead(HeadAbove above, CudaMemory memory, List<Integer> parts) {
        HeadShape shape = new HeadShape(above.shape().inputs(), above.shape().units(), above.shape().symbols(),
                above.shape().activation(), parts);
        int rows = shape.firstRow(parts.size());
        head = above.maker().head(memory, shape);
        weights = memory.flat(new CudaLinearLayout(shape.inputs(), shape.units()).size()
                + new CudaLinearLayout(shape.units(), shape.symbols()).size());
        gradients = memory.flat(weights.columns());
        inputGradient = memory.matrix(rows, shape.inputs());
        targets = memory.ints(rows);
        count = memory.doubles(1);
        count.write(new double[] {rows});
        totals = memory.doubles(Operations.TOTALS);
    }

    /** Takes a part of the LSTM's output. */
    void run(CudaMatrix output, int part) {
        head.run(weights, output, targets, count, inputGradient, part);
    }

    /** After all parts. */
    void finish() {
        head.finish(totals, gradients);
    }
}
