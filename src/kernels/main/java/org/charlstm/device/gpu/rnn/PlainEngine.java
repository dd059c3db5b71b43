package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;

/** Runs any recurrent layers step by step, by cuBLAS and own kernels: slow, and the reference of the others. */
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
                TimeParts.whole(shape), offset, (all, parts) -> steps(all, parts.shape()))));
    }

    private Recurrence steps(GpuMemory memory, Rnn.Shape shape) {
        return switch (shape.layers().cell()) {
            case RecurrentCell.Lstm lstm -> new LstmSteps(lstm, tools, memory, shape);
            case RecurrentCell.Gru gru -> new GruSteps(gru, tools, memory, shape);
            case RecurrentCell.Elman elman -> new ElmanSteps(elman, tools, memory, shape);
        };
    }
}
