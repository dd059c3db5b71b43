package org.charlstm.device.cuda.lstm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.charlstm.CharlstmException;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.LstmShape;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.memory.CudaMemory;

/** Gives each model the engine that was asked for, or else the first that has no obstacle. */
public final class LstmEngines {
    private final CudaContext context;
    private final String asked;
    private final List<LstmEngine> engines;
    private final Map<LstmLayers, LstmEngine> taken = new HashMap<>();
    private final Set<LstmShape> opened = new LinkedHashSet<>();

    /**
     * A choice.
     *
     * @param asked   an algorithm's name, or {@code auto}
     * @param engines the preferred one first; one has no obstacles, and those after it are taken by name only
     */
    public LstmEngines(CudaContext context, String asked, List<LstmEngine> engines) {
        this.context = context;
        this.asked = asked;
        this.engines = engines;
    }

    /** Layers for one shape, whose weights begin at an offset. */
    public Lstm lstm(CudaMemory memory, LstmShape shape, int offset) {
        Lstm lstm = engine(shape.layers()).open(memory, shape, offset);
        opened.add(shape);
        return lstm;
    }

    private LstmEngine engine(LstmLayers layers) {
        LstmEngine known = taken.get(layers);
        if (known == null) {
            known = choose(layers);
            taken.put(layers, known);
        }
        return known;
    }

    private LstmEngine choose(LstmLayers layers) {
        RecurrentActivation gates = layers.recurrentActivation();
        Optional<LstmEngine> named = engines.stream().filter(engine -> engine.isNamed(asked)).findFirst();
        // Which gates there are is no news, and no reason to refuse what was asked for.
        if (named.isPresent() && named.get().knows(gates)) {
            return named.get();
        }
        boolean sigmoid = gates == RecurrentActivation.SIGMOID;
        List<String> obstacles = new ArrayList<>();
        for (LstmEngine engine : engines) {
            Optional<String> obstacle = engine.obstacle(layers);
            if (obstacle.isEmpty()) {
                if (sigmoid && !obstacles.isEmpty()) {
                    context.warn("charlstm's own kernels run the LSTM, which is slower than through cuDNN: "
                            + String.join("; ", obstacles));
                }
                return engine;
            }
            obstacles.add(obstacle.get());
        }
        throw new CharlstmException(String.join("; ", obstacles));
    }

    /** What runs each shape so far, a line each. */
    public List<String> choices() {
        return opened.stream().map(shape -> title(shape) + ": " + engine(shape.layers()).report(shape)).toList();
    }

    private static String title(LstmShape shape) {
        LstmLayers layers = shape.layers();
        return String.format(Locale.ROOT, "LSTM %d x %d, %s%d units%s%s", shape.steps(), shape.batch(),
                layers.count() == 1 ? "" : layers.count() + " layers of ", layers.hidden(),
                layers.input().ids() ? "" : " on " + layers.input().title(), shape.training() ? "" : ", inference");
    }
}
