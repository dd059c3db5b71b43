package org.charlstm.device.gpu;

import java.util.List;
import org.charlstm.device.Head;
import org.charlstm.device.Operations;

/**
 * A head that takes the parts of an LSTM's output beside the steps that follow: the LSTM is timed with it.
 *
 * @param shape its sizes, all rows in one part
 */
record HeadAbove(Head.Shape shape, Maker maker) {
    /** Makes a head whose weights begin at 0. */
    @FunctionalInterface
    interface Maker {
        Head head(GpuMemory memory, Head.Shape shape);
    }

    /** Opens the head for an LSTM that gives its output in parts of so many rows. */
    Trial open(GpuMemory memory, List<Integer> parts) {
        return new Trial(memory, new Head.Shape(shape.inputs(), shape.units(), shape.symbols(), shape.activation(),
                parts));
    }

    /** The head with arguments. Nobody reads its results: the LSTM on trial takes its gradients from elsewhere. */
    final class Trial {
        private final Head head;
        private final GpuMatrix weights;
        private final GpuMatrix gradients;
        private final GpuMatrix inputGradient;
        private final GpuInts targets;
        private final GpuDoubles count;
        private final GpuDoubles totals;

        private Trial(GpuMemory memory, Head.Shape shape) {
            int rows = shape.firstRow(shape.parts().size());
            head = maker.head(memory, shape);
            weights = memory.flat(AlignedLayout.dense(shape.inputs(), shape.units()).size()
                    + AlignedLayout.dense(shape.units(), shape.symbols()).size());
            gradients = memory.flat(weights.columns());
            inputGradient = memory.matrix(rows, shape.inputs());
            targets = memory.ints(rows);
            count = memory.doubles(1);
            count.write(new double[] {rows});
            totals = memory.doubles(Operations.TOTALS);
        }

        void run(GpuMatrix output, int part) {
            head.run(weights, output, targets, count, inputGradient, part);
        }

        void finish() {
            head.finish(totals, gradients);
        }
    }
}
