package org.charlstm.device.gpu;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Sampling;
import org.charlstm.device.host.Shapes;

/** Draws many symbols of each sentence in one launch, a block for each sentence, in float32. */
public final class GpuSampling implements Sampling {
    /**
     * With more sentences, by the model in docs/kernel-model.md, products over all of them are faster than as many
     * blocks one after the other.
     */
    private static final int MOST_SENTENCES = 512;
    /** Bytes of weights that a block reads for each symbol at most: about 10 us by that model. */
    private static final int MOST_READ = 5 << 18;

    private final Kernels kernels;
    private final SamplingLayout layout;
    private final CudaBuffer table;
    private final GpuMatrix weights;
    private final GpuMatrix logits;

    private GpuSampling(Kernels kernels, GpuMemory memory, SamplingLayout layout, GpuMatrix weights,
            GpuMatrix logits) {
        this.kernels = kernels;
        this.layout = layout;
        this.weights = weights;
        this.logits = logits;
        try (Arena arena = Arena.ofConfined()) {
            var rows = layout.table(arena);
            table = memory.forPurpose("activations").workspace(rows.byteSize());
            table.write(rows);
        }
    }

    /**
     * For layers whose weights lie as Keras' tensors do.
     *
     * @param sharedBytes shared memory that a block may have
     * @return empty if the vectors do not fit, or launches for each symbol are faster for so many sentences or weights
     */
    public static Optional<Sampling> of(Kernels kernels, GpuMemory memory, List<Sampling.Layer> layers,
            GpuMatrix weights, GpuMatrix logits, int sharedBytes) {
        if (logits.rows() > MOST_SENTENCES) {
            return Optional.empty();
        }
        SamplingLayout layout = new SamplingLayout(layers);
        return layout.sharedBytes() > sharedBytes || layout.fill(sharedBytes) > MOST_READ ? Optional.empty()
                : Optional.of(new GpuSampling(kernels, memory, layout, weights, logits));
    }

    @Override
    public void draw(Draw draw, long seed, Ints sentences, Ints position, Ints drawn, Ints history,
            int steps) {
        int batch = logits.rows();
        Shapes.ints(sentences, batch);
        Shapes.ints(drawn, batch);
        Shapes.ints(position, 1);
        Shapes.require(steps >= 1 && history.length() / batch >= steps, "a history of %d for %d steps of %d",
                history.length(), steps, batch);
        kernels.launchShared(Kernel.SAMPLE, batch, layout.threads(), Math.toIntExact(layout.sharedBytes()),
                table.pointer(), weights.pointer(), logits.pointer(), draw.temperature(), draw.topK(), draw.topP(),
                seed, GpuInts.pointer(sentences),
                GpuInts.pointer(position), GpuInts.pointer(drawn), GpuInts.pointer(history), layout.layers(),
                layout.sums(), layout.shares(), steps);
        kernels.each(Kernel.ADD, 1, GpuInts.pointer(position), steps, 1);
    }
}
