package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.Lstm;

/**
 * LSTMs by products of cuBLAS and own kernels, a step at a time: any layers, and slower than cuDNN. The results of the
 * other engines are compared with these.
 */
final class PlainEngine implements LstmEngine {
    private final GpuTools tools;

    PlainEngine(GpuTools tools) {
        this.tools = tools;
    }

    @Override
    public Engine name() {
        return Engine.PLAIN;
    }

    @Override
    public Optional<String> obstacle(Lstm.Shape shape) {
        return Optional.empty();
    }

    @Override
    public List<Candidate> candidates(Lstm.Shape shape) {
        return List.of(new Candidate(name().toString(), false, (memory, offset) -> new KernelLstm(tools, memory,
                TimeParts.whole(shape), offset, new StepwiseRecurrence(tools, memory, shape))));
    }
}
