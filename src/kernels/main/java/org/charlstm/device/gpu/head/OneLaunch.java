package org.charlstm.device.gpu.head;

import module java.base;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuDoubles;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.spi.Head;

/** A head in one launch, for trials, in one part: other parts run beside the LSTM's steps and add no time. */
public record OneLaunch(Head.Shape shape, BiFunction<GpuMemory, Head.Shape, Head> maker) {
    private static final int SEED = 1;

    /** Opens the head for an input that comes in parts; {@code parts} holds the rows of each. */
    public Opened open(GpuMemory memory, GpuMatrix input, List<Integer> parts) {
        return new Opened(maker.apply(memory, shape.withParts(parts)), Arguments.of(memory, shape, input),
                parts.size());
    }

    /** A head in one launch and its arguments; only {@link HeadTuning} reads the results. */
    public record Opened(Head head, Arguments given, int parts) {
        public void run(int part) {
            head.run(given.weights, given.x, given.targets, given.count, given.dx, part);
        }

        void runAll() {
            IntStream.range(0, parts).forEach(this::run);
            finish();
        }

        public void finish() {
            head.finish(given.totals, given.gradients);
        }
    }

    /** Arguments for a head, filled with the same numbers every time, and buffers for its results. */
    record Arguments(GpuMatrix weights, GpuMatrix x, GpuInts targets, GpuDoubles count, GpuMatrix dx,
            GpuMatrix gradients, GpuDoubles totals) {
        static Arguments of(GpuMemory memory, Head.Shape of, GpuMatrix x) {
            int rows = x.rows();
            SplittableRandom random = new SplittableRandom(SEED);
            double limit = 1 / Math.sqrt(Math.max(of.inputs(), of.units()));
            double[] first = random.doubles((long) of.inputs() * of.units(), -limit, limit).toArray();
            // The biases keep sums far from 0, so rounding cannot change which sums a ReLU passes.
            double[] firstBias = IntStream.range(0, of.units()).mapToDouble(d -> d % 3 == 2 ? -3 : 3).toArray();
            double[] second = random.doubles((long) of.units() * of.symbols(), -limit, limit).toArray();
            WeightLayout below = new DenseLayout(of.inputs(), of.units());
            WeightLayout top = new DenseLayout(of.units(), of.symbols());
            double[] flat = new double[below.size() + top.size()];
            below.pack(new double[][] {first, firstBias}, flat, 0);
            top.pack(new double[][] {second, new double[of.symbols()]}, flat, below.size());
            GpuMatrix weights = memory.flat(flat.length);
            weights.write(flat);
            GpuInts targets = memory.ints(rows);
            targets.write(random.ints(rows, 0, of.symbols()).toArray());
            GpuDoubles count = memory.doubles(1);
            count.write(new double[] {rows});
            return new Arguments(weights, x, targets, count, memory.matrix(rows, of.inputs()), memory.flat(flat.length),
                    memory.doubles(Operations.TOTALS));
        }
    }
}
