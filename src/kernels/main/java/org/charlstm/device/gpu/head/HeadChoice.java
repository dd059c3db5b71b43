package org.charlstm.device.gpu.head;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Operations;
import org.charlstm.device.gpu.head.HeadTuning.Way;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.spi.Head;

/**
 * Decides whether a head is computed in one launch: if a fused engine is asked for by name, or if no engine is named
 * and one launch is measured to be faster than the head's layers. On a real GPU, one launch must also give the same
 * results as the layers.
 */
public final class HeadChoice {
    private final GpuContext context;
    private final Kernels kernels;
    private final Precision precision;
    private final CudaType type;
    private final GpuOptions.Engine engine;
    private final Autotuner tuner;
    private final Map<Head.Shape, Choice> choices = new LinkedHashMap<>();

    private record Choice(boolean oneLaunch, String report) {
    }

    /** Where the tuner times nothing, only the engine's name counts, and nothing is tried. */
    public HeadChoice(GpuTools tools, GpuOptions.Engine engine, Autotuner tuner) {
        context = tools.context();
        kernels = tools.kernels();
        precision = tools.products().precision();
        type = tools.products().factors();
        this.engine = engine;
        this.tuner = tuner;
    }

    /** The head in one launch; empty if its layers are used instead. */
    public Optional<Head> head(Operations operations, GpuMemory memory, Head.Shape shape, int offset) {
        return oneLaunch(operations, whole(shape)) ? Optional.of(head(memory, shape, offset)) : Optional.empty();
    }

    private GpuHead head(GpuMemory memory, Head.Shape shape, int offset) {
        return new GpuHead(context, kernels, memory, type, shape, offset);
    }

    /** The head with which recurrent layers are timed; empty if its layers are used or nothing is timed. */
    public Optional<OneLaunch> above(Operations operations, Head.Shape shape) {
        return tuner.timed() && oneLaunch(operations, whole(shape)) ? Optional.of(candidate(whole(shape)))
                : Optional.empty();
    }

    private OneLaunch candidate(Head.Shape shape) {
        return new OneLaunch(shape, (memory, of) -> head(memory, of, 0));
    }

    /** A shape with all rows in one part, since the choice does not depend on the parts. */
    private static Head.Shape whole(Head.Shape shape) {
        return shape.withParts(List.of(shape.rows()));
    }

    private boolean oneLaunch(Operations operations, Head.Shape shape) {
        // In TF32 the layers' products are fast, and the head's kernel, which computes in exact float32, is slower.
        if (precision == Precision.TF32 || !(engine.fused() || (tuner.timed() && engine == GpuOptions.Engine.AUTO))) {
            return false;
        }
        Optional<String> obstacle = GpuHead.obstacle(context, type, shape)
                .or(() -> kernels.obstacle(type == CudaType.BFLOAT16 ? Kernel.HEAD_TENSOR : Kernel.HEAD)
                        .map(CharlstmException::getMessage));
        if (!tuner.timed()) {
            return obstacle.isEmpty();
        }
        return choices.computeIfAbsent(shape, _ -> obstacle.map(each -> choice(shape, Way.LAYERS, List.of(each)))
                .orElseGet(() -> choose(operations, shape))).oneLaunch;
    }

    /** If a fused engine is named, takes one launch if its results are right; otherwise takes the faster way. */
    private Choice choose(Operations operations, Head.Shape shape) {
        List<String> findings = new ArrayList<>();
        List<Way> ways = engine.fused() ? List.of(Way.ONE_LAUNCH) : tuner.allowed(List.of(Way.values()), findings);
        Autotuner.Outcome<Way> outcome =
                tuner.choose(new HeadTuning(context, precision, operations, candidate(shape)), ways, true);
        findings.addAll(outcome.findings());
        return choice(shape, outcome.best().orElse(Way.LAYERS), findings);
    }

    private static Choice choice(Head.Shape shape, Way taken, List<String> findings) {
        return new Choice(taken == Way.ONE_LAUNCH, Autotuner.report(HeadTuning.title(shape), taken, findings));
    }

    /** One line for each choice so far, with its findings. */
    public List<String> choices() {
        return choices.values().stream().map(Choice::report).toList();
    }
}
