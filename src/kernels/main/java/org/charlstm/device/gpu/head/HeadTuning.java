package org.charlstm.device.gpu.head;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.spi.Head;

/** Compares a head in one launch with the head's layers. */
final class HeadTuning implements Autotuner.Task<HeadTuning.Way> {
    /** The most rows whose results are compared. */
    private static final int CHECKED_ROWS = 512;

    private final GpuContext context;
    private final Precision precision;
    private final Operations operations;
    private final OneLaunch oneLaunch;
    private final Head.Shape shape;

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

        @Override
        public String family() {
            return this == LAYERS ? title() : "head";
        }
    }

    HeadTuning(GpuContext context, Precision precision, Operations operations, OneLaunch oneLaunch) {
        this.context = context;
        this.precision = precision;
        this.operations = operations;
        this.oneLaunch = oneLaunch;
        shape = oneLaunch.shape();
    }

    static String title(Head.Shape shape) {
        return String.format(Locale.ROOT, "head %d x %d x %d on %d rows", shape.inputs(), shape.units(),
                shape.symbols(), shape.rows());
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
        try {
            GpuMatrix x = input(memory, shape.rows());
            Runnable step = way == Way.LAYERS ? layers(memory, OneLaunch.Arguments.of(memory, shape, x))
                    : oneLaunch.open(memory, x, shape.parts())::runAll;
            return new Autotuner.Trial() {
                @Override
                public void step() {
                    step.run();
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
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, memory::close);
        }
    }

    private GpuMemory memory() {
        return new GpuMemory(context, CudaType.ofActivations(precision));
    }

    private GpuMatrix input(GpuMemory memory, int rows) {
        GpuMatrix x = memory.matrix(rows, shape.inputs());
        x.fillRandomly(x.count(), 1);
        return x;
    }

    private Runnable layers(GpuMemory memory, OneLaunch.Arguments given) {
        int rows = given.x().rows();
        Dense first = operations.dense(memory,
                new Dense.Shape(shape.inputs(), shape.units(), rows, shape.activation()), 0);
        Dense second = operations.dense(memory,
                new Dense.Shape(shape.units(), shape.symbols(), rows, Activation.LINEAR),
                new DenseLayout(shape.inputs(), shape.units()).size());
        GpuMatrix a = memory.matrix(rows, shape.units());
        GpuMatrix da = memory.matrix(rows, shape.units());
        GpuMatrix logits = memory.matrix(rows, shape.symbols());
        return () -> {
            first.forward(given.weights(), given.x(), a);
            second.forward(given.weights(), a, logits);
            operations.crossEntropy(logits, given.targets(), given.count(), logits, given.totals());
            second.backward(given.weights(), a, logits, logits, da, given.gradients());
            first.backward(given.weights(), given.x(), a, da, given.dx(), given.gradients());
        };
    }

    /** Whether both ways give the same results for some rows, in two parts if possible, apart from rounding. */
    boolean agrees() {
        int rows = Math.min(shape.rows(), CHECKED_ROWS);
        List<Integer> parts = rows == 1 ? List.of(1) : List.of(rows / 2, rows - rows / 2);
        try (GpuMemory memory = memory()) {
            GpuMatrix x = input(memory, rows);
            OneLaunch.Arguments expected = OneLaunch.Arguments.of(memory, shape, x);
            layers(memory, expected).run();
            OneLaunch.Opened opened = oneLaunch.open(memory, x, parts);
            opened.runAll();
            double[] gradients = expected.gradients().read();
            double[] others = opened.given().gradients().read();
            WeightLayout below = new DenseLayout(shape.inputs(), shape.units());
            WeightLayout top = new DenseLayout(shape.units(), shape.symbols());
            return near(new double[] {expected.totals().read()[0]}, new double[] {opened.given().totals().read()[0]})
                    && near(expected.dx().read(), opened.given().dx().read())
                    // Each tensor is compared apart, since their sizes differ.
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
