package org.charlstm.device.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernels;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Head;
import org.charlstm.device.Operations;
import org.jspecify.annotations.Nullable;

/**
 * Whether a head is computed in one launch: where the fused LSTM is asked for by name, or where nothing is and a
 * measurement finds it to be faster than its layers; and on a card, if it computes what those do.
 */
final class HeadChoice {
    private final CudaContext context;
    private final Kernels kernels;
    private final DeviceOptions options;
    private final @Nullable LongSupplier clock;
    private final Map<Head.Shape, Choice> choices = new LinkedHashMap<>();

    private record Choice(boolean inOne, String report) {
    }

    /**
     * Nothing is chosen yet.
     *
     * @param clock tells nanoseconds; null where they mean nothing: then only the name counts, and nothing is tried
     */
    HeadChoice(CudaContext context, Kernels kernels, DeviceOptions options, @Nullable LongSupplier clock) {
        this.context = context;
        this.kernels = kernels;
        this.options = options;
        this.clock = clock;
    }

    /** The head in one launch; empty where its layers are to be taken. */
    Optional<Head> head(Operations operations, GpuMemory memory, Head.Shape shape, int offset) {
        return inOne(operations, whole(shape)) ? Optional.of(head(memory, shape, offset)) : Optional.empty();
    }

    private GpuHead head(GpuMemory memory, Head.Shape shape, int offset) {
        return new GpuHead(context, kernels, memory, CudaType.ofActivations(options.precision()), shape, offset);
    }

    /** The head that an LSTM below is timed with; empty if its layers are taken, or nothing is timed. */
    Optional<HeadAbove> above(Operations operations, Head.Shape shape) {
        Head.Shape whole = whole(shape);
        return clock != null && inOne(operations, whole)
                ? Optional.of(new HeadAbove(whole, (memory, of) -> head(memory, of, 0))) : Optional.empty();
    }

    private static Head.Shape whole(Head.Shape shape) {
        return new Head.Shape(shape.inputs(), shape.units(), shape.symbols(), shape.activation(),
                List.of(shape.firstRow(shape.parts().size())));
    }

    /** However many parts there will be. */
    private boolean inOne(Operations operations, Head.Shape shape) {
        GpuOptions.Engine engine = options.gpu().engine();
        boolean named = engine.fused();
        // Beside products of TF32 an exact kernel is slow.
        if (options.precision() == Precision.TF32 || !(named || (clock != null && engine == GpuOptions.Engine.AUTO))) {
            return false;
        }
        Optional<String> obstacle = GpuHead.obstacle(context, CudaType.ofActivations(options.precision()), shape);
        if (clock == null) {
            return obstacle.isEmpty();
        }
        Choice choice = choices.get(shape);
        if (choice == null) {
            String title = String.format(Locale.ROOT, "head %d x %d x %d on %d rows", shape.inputs(), shape.units(),
                    shape.symbols(), shape.firstRow(1));
            choice = obstacle.isPresent() ? new Choice(false, title + ": layers (" + obstacle.get() + ")")
                    : choose(operations, shape, title, named, clock);
            choices.put(shape, choice);
        }
        return choice.inOne;
    }

    private Choice choose(Operations operations, Head.Shape shape, String title, boolean named, LongSupplier time) {
        HeadTrial trial = new HeadTrial(context, options.precision(), operations, shape,
                (memory, of) -> head(memory, of, 0));
        try {
            if (!trial.agrees()) {
                context.warn(title + ": one launch computes something else on this GPU than its layers and is not "
                        + "used; please report it");
                return new Choice(false, title + ": layers (one launch computes something else)");
            }
            if (named) {
                return new Choice(true, title + ": one launch");
            }
            List<Double> seconds = trial.seconds(time, options.gpu().graphs());
            boolean inOne = seconds.getLast() < Race.CLEARLY_FASTER * seconds.getFirst();
            return new Choice(inOne, String.format(Locale.ROOT, "%s: %s (layers %.3f ms, one launch %.3f ms)", title,
                    inOne ? "one launch" : "layers", 1e3 * seconds.getFirst(), 1e3 * seconds.getLast()));
        } catch (CudaException e) {
            // The layers serve all the same, unless the context is broken.
            context.requireAfter(e);
            return new Choice(false, title + ": layers (one launch failed with status " + e.status() + " ("
                    + e.statusName() + "))");
        }
    }

    /** What was chosen so far, and what was found, a line each. */
    List<String> choices() {
        return choices.values().stream().map(Choice::report).toList();
    }
}
