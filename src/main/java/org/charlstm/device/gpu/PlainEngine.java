package org.charlstm.device.gpu;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * LSTMs by products of cuBLAS and own kernels, a step at a time: any layers, and slower than cuDNN. The results of the
 * other engines are compared with these.
 */
final class PlainEngine implements RnnEngine {
    private final GpuTools tools;

    PlainEngine(GpuTools tools) {
        this.tools = tools;
    }

    @Override
    public Engine name() {
        return Engine.PLAIN;
    }

    @Override
    public Optional<String> obstacle(Rnn.Shape shape) {
        return Optional.empty();
    }

    @Override
    public List<Candidate> candidates(Rnn.Shape shape) {
        return List.of(new Candidate(name().toString(), false, (memory, offset) -> new KernelRnn(tools, memory,
                TimeParts.whole(shape), offset, new Stepwise(tools, memory, shape))));
    }

    /** For each step a product of cuBLAS and a kernel that does the rest. The layers use one workspace in turn. */
    private static final class Stepwise extends Recurrence {
        private final int width;
        private final CudaType type;
        /** h times the recurrent kernel for one step, (B,4H). */
        private final CudaBuffer recurrentSums;
        /** dL/dh that the next step passes back, (B,H) in float32; null in inference. */
        private final @Nullable CudaBuffer hiddenGradient;

        Stepwise(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
            super(tools, memory, shape);
            width = 4 * shape.hidden();
            type = products.factors();
            recurrentSums = workspace.workspace((long) Float.BYTES * shape.batch() * width);
            hiddenGradient = shape.training()
                    ? workspace.workspace((long) Float.BYTES * shape.batch() * shape.hidden()) : null;
        }

        @Override
        void forward(KernelRnnLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to) {
            for (int t = from; t < to; t++) {
                boolean zero = t == 0 && layer.startsAtZero();
                if (!zero) {
                    products.plain(shape.batch(), width, shape.hidden(), layer.hiddenBefore(t, y),
                            layer.recurrent(weights), recurrentSums.pointer(), CudaType.FLOAT32);
                }
                kernels.each(Kernel.LSTM_FORWARD, (long) shape.batch() * shape.hidden(),
                        ids == 0 ? layer.gates(t) : input, idsOf(ids, t), zero ? 0L : recurrentSums.pointer(),
                        layer.bias(weights), layer.cellBefore(t), shape.training() ? layer.gates(t) : 0L,
                        layer.cell(t), y + t * layer.stepBytes(type), shape.batch(), shape.hidden(),
                        KernelRnnLayer.gateKind(shape), type.bf16());
            }
        }

        @Override
        void backward(KernelRnnLayer layer, GpuMatrix weights, long dy, long sumGradients, int from, int to) {
            long fromNext = Objects.requireNonNull(hiddenGradient, "made for training").pointer();
            long stepOfSums = 4 * layer.stepBytes(type);
            for (int t = to - 1; t >= from; t--) {
                boolean last = t == shape.steps() - 1;
                if (!last) {
                    products.byTransposed(shape.batch(), shape.hidden(), width, sumGradients + (t + 1) * stepOfSums,
                            layer.recurrent(weights), fromNext, CudaType.FLOAT32);
                }
                kernels.each(Kernel.LSTM_BACKWARD, (long) shape.batch() * shape.hidden(), layer.gates(t),
                        layer.cellBefore(t), layer.cell(t), dy + t * layer.stepBytes(type), last ? 0L : fromNext,
                        cellGradient(), sumGradients + t * stepOfSums, shape.batch(), shape.hidden(),
                        KernelRnnLayer.gateKind(shape), type.bf16());
            }
        }
    }
}
