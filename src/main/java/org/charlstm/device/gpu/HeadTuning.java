package org.charlstm.device.gpu;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Head;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;

/** Tries a head in one launch against its layers. */
final class HeadTuning implements Autotuner.Task<HeadTuning.Way> {
    private static final int SEED = 1;
    /** So many rows are compared at most. */
    private static final int CHECKED_ROWS = 512;

    private final CudaContext context;
    private final Precision precision;
    private final Operations operations;
    private final Head.Shape shape;
    private final HeadAbove.Maker maker;
    private final WeightLayout below;
    private final WeightLayout top;

    enum Way implements Autotuner.Candidate {
        LAYERS, ONE_LAUNCH;

        @Override
        public String title() {
            return this == LAYERS ? "layers" : "one launch";
        }

        @Override
        public boolean library() {
            return this == LAYERS;
        }
    }

    /** One way to compute the head, and its results. */
    private record Step(Runnable run, GpuMatrix dx, GpuMatrix gradients, GpuDoubles totals) {
    }

    /**
     * Nothing is tried yet.
     *
     * @param shape all rows in one part: parts run beside the LSTM's steps, to whose time they do not add
     * @param maker makes the head in one launch
     */
    HeadTuning(CudaContext context, Precision precision, Operations operations, Head.Shape shape,
            HeadAbove.Maker maker) {
        this.context = context;
        this.precision = precision;
        this.operations = operations;
        this.shape = shape;
        this.maker = maker;
        below = operations.denseLayout(shape.inputs(), shape.units());
        top = operations.denseLayout(shape.units(), shape.symbols());
    }

    static String title(Head.Shape shape) {
        return String.format(Locale.ROOT, "head %d x %d x %d on %d rows", shape.inputs(), shape.units(),
                shape.symbols(), shape.firstRow(1));
    }

    @Override
    public String title() {
        return title(shape);
    }

    @Override
    public String reference() {
        return "its layers";
    }

    @Override
    public Autotuner.Trial open(Way way) {
        GpuMemory memory = memory();
        Step step;
        try {
            Arguments arguments = new Arguments(memory, shape);
            step = way == Way.LAYERS ? layers(arguments) : oneLaunch(arguments);
        } catch (RuntimeException e) {
            Resources opened = new Resources();
            opened.add(memory::close);
            throw opened.closeAfter(e);
        }
        return new Autotuner.Trial() {
            @Override
            public void prepare() {
                // Results are compared in memory of their own.
            }

            @Override
            public void step() {
                step.run.run();
            }

            @Override
            public boolean agrees() {
                return way == Way.LAYERS || HeadTuning.this.agrees();
            }

            @Override
            public void close() {
                memory.close();
            }
        };
    }

    private GpuMemory memory() {
        return new GpuMemory(context, CudaType.ofActivations(precision));
    }

    /** The input of both ways. */
    private final class Arguments {
        private final GpuMemory memory;
        private final Head.Shape of;
        private final int rows;
        private final GpuMatrix weights;
        private final GpuMatrix x;
        private final GpuInts targets;
        private final GpuDoubles count;

        private Arguments(GpuMemory memory, Head.Shape of) {
            this.memory = memory;
            this.of = of;
            rows = of.firstRow(of.parts().size());
            SplittableRandom random = new SplittableRandom(SEED);
            double limit = 1 / Math.sqrt(Math.max(shape.inputs(), shape.units()));
            double[] first = random.doubles((long) shape.inputs() * shape.units(), -limit, limit).toArray();
            // Sums far from 0, so that no rounding decides what a ReLU lets through.
            double[] firstBias = IntStream.range(0, shape.units()).mapToDouble(d -> d % 3 == 2 ? -3 : 3).toArray();
            double[] second = random.doubles((long) shape.units() * shape.symbols(), -limit, limit).toArray();
            double[] flat = new double[below.size() + top.size()];
            below.pack(new double[][] {first, firstBias}, flat, 0);
            top.pack(new double[][] {second, new double[shape.symbols()]}, flat, below.size());
            weights = memory.flat(flat.length);
            weights.write(flat);
            x = memory.matrix(rows, shape.inputs());
            x.fillRandomly(context, x.count(), 1);
            targets = memory.ints(rows);
            targets.write(random.ints(rows, 0, shape.symbols()).toArray());
            count = memory.doubles(1);
            count.write(new double[] {rows});
        }
    }

    private Step layers(Arguments given) {
        int rows = given.rows;
        GpuMemory memory = given.memory;
        Dense first = operations.dense(memory,
                new Dense.Shape(shape.inputs(), shape.units(), rows, shape.activation()), 0);
        Dense second = operations.dense(memory,
                new Dense.Shape(shape.units(), shape.symbols(), rows, Activation.LINEAR), below.size());
        GpuMatrix a = memory.matrix(rows, shape.units());
        GpuMatrix da = memory.matrix(rows, shape.units());
        GpuMatrix logits = memory.matrix(rows, shape.symbols());
        GpuMatrix dx = memory.matrix(rows, shape.inputs());
        GpuMatrix gradients = memory.flat(given.weights.columns());
        GpuDoubles totals = memory.doubles(Operations.TOTALS);
        return new Step(() -> {
            first.forward(given.weights, given.x, a);
            second.forward(given.weights, a, logits);
            operations.crossEntropy(logits, given.targets, given.count, logits, totals);
            second.backward(given.weights, a, logits, logits, da, gradients);
            first.backward(given.weights, given.x, a, da, dx, gradients);
        }, dx, gradients, totals);
    }

    private Step oneLaunch(Arguments given) {
        Head head = maker.head(given.memory, given.of);
        GpuMatrix dx = given.memory.matrix(given.rows, shape.inputs());
        GpuMatrix gradients = given.memory.flat(given.weights.columns());
        GpuDoubles totals = given.memory.doubles(Operations.TOTALS);
        return new Step(() -> {
            for (int part = 0; part < given.of.parts().size(); part++) {
                head.run(given.weights, given.x, given.targets, given.count, dx, part);
            }
            head.finish(totals, gradients);
        }, dx, gradients, totals);
    }

    /** Whether both ways compute the same of some rows, in two parts if there are as many, apart from roundings. */
    boolean agrees() {
        int rows = Math.min(shape.firstRow(1), CHECKED_ROWS);
        Head.Shape checked = new Head.Shape(shape.inputs(), shape.units(), shape.symbols(), shape.activation(),
                rows == 1 ? List.of(1) : List.of(rows / 2, rows - rows / 2));
        try (GpuMemory memory = memory()) {
            Arguments given = new Arguments(memory, checked);
            Step layers = layers(given);
            Step oneLaunch = oneLaunch(given);
            layers.run.run();
            oneLaunch.run.run();
            double[] gradients = layers.gradients.read();
            double[] others = oneLaunch.gradients.read();
            return near(new double[] {layers.totals.read()[0]}, new double[] {oneLaunch.totals.read()[0]})
                    && near(layers.dx.read(), oneLaunch.dx.read())
                    // Each tensor by itself, since their sizes differ.
                    && near(below.unpack(gradients, 0), below.unpack(others, 0))
                    && near(top.unpack(gradients, below.size()), top.unpack(others, below.size()));
        }
    }

    private boolean near(double[][] expected, double[][] actual) {
        return IntStream.range(0, expected.length).allMatch(k -> near(expected[k], actual[k]));
    }

    private boolean near(double[] expected, double[] actual) {
        return Autotuner.near(expected, actual, switch (precision) {
            case FLOAT32 -> 1e-4;
            case TF32 -> 1e-2;
            case BF16 -> 0.1;
        });
    }
}
