package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.Setting;
import org.charlstm.cuda.CudaContext;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Head;
import org.charlstm.device.Lstm;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * Gives each shape what runs it: the engine that was asked for, or else whichever is the fastest by a measurement. The
 * plain kernels say what is right, and serve where no other does.
 */
public final class LstmEngines {
    private final CudaContext context;
    private final DeviceOptions options;
    private final GpuOptions.Engine asked;
    private final List<LstmEngine> engines;
    private final LstmEngine plain;
    private final @Nullable LongSupplier clock;
    /** One for a shape and the head above, so that every network of these computes the same bits. */
    private final Map<Wanted, Choice> choices = new LinkedHashMap<>();

    private record Wanted(Lstm.Shape shape, Head.@Nullable Shape above) {
    }

    private record Choice(LstmCandidate taken, List<String> findings) {
        String report() {
            return taken.title() + (findings.isEmpty() ? "" : " (" + String.join(", ", findings) + ")");
        }
    }

    /**
     * Nothing is chosen yet.
     *
     * @param plain   the engine that has no obstacles
     * @param clock   tells nanoseconds; null on a simulated GPU, where they mean nothing: then the first of the
     *                library's ways that serves is taken, own ones by name or for want of it, and none is held to the
     *                plain kernels, as tests do that
     */
    public LstmEngines(CudaContext context, DeviceOptions options, List<LstmEngine> engines, LstmEngine plain,
            @Nullable LongSupplier clock) {
        this.context = context;
        this.options = options;
        asked = options.gpu().engine();
        this.engines = engines;
        this.plain = plain;
        this.clock = clock;
    }

    /**
     * Layers for one shape, whose weights begin at an offset.
     *
     * @param above the head in one launch that takes their output; null for none
     */
    public Lstm lstm(GpuMemory memory, Lstm.Shape shape, int offset, @Nullable HeadAbove above) {
        Wanted wanted = new Wanted(shape, above == null ? null : above.shape());
        Choice choice = choices.get(wanted);
        if (choice == null) {
            choice = choose(shape, above);
            choices.put(wanted, choice);
        }
        return choice.taken.opener().open(memory, offset);
    }

    private Choice choose(Lstm.Shape shape, @Nullable HeadAbove above) {
        RecurrentActivation gates = shape.layers().recurrentActivation();
        if (asked == plain.name()) {
            return plain(shape, List.of());
        }
        // Which gates there are is no news, and no reason to refuse what was asked for.
        List<LstmEngine> known = engines.stream().filter(engine -> engine.knows(gates)).toList();
        List<LstmEngine> named = known.stream().filter(engine -> engine.name() == asked).toList();
        return named.isEmpty() ? open(known, shape, above) : named(named, shape, above);
    }

    private Choice plain(Lstm.Shape shape, List<String> findings) {
        return new Choice(plain.candidates(shape).getFirst(), findings);
    }

    private Choice named(List<LstmEngine> named, Lstm.Shape shape, @Nullable HeadAbove above) {
        List<String> obstacles = new ArrayList<>();
        for (LstmEngine engine : named) {
            Optional<String> obstacle = engine.obstacle(shape);
            if (obstacle.isEmpty()) {
                Trials trials = trials(shape, above);
                Optional<LstmCandidate> taken = trials.best(engine.candidates(shape));
                return new Choice(taken.orElseThrow(() -> trials.none(
                        findings -> refused(new CharlstmException(withoutIt(engine.refusal(shape.layers(), findings)),
                                trials.last())))),
                        joined(obstacles, trials.findings()));
            }
            obstacles.add(obstacle.get());
        }
        throw refused(new ShapeException(withoutIt(String.join("; ", obstacles))));
    }

    private static String withoutIt(String reason) {
        return reason + "; auto does without it";
    }

    private CharlstmException refused(CharlstmException refusal) {
        return refusal.mendedBy(options.gpu().algorithm() == GpuOptions.Algorithm.AUTO ? Setting.LSTM_ENGINE
                : Setting.CUDNN_ALGORITHM);
    }

    private Trials trials(Lstm.Shape shape, @Nullable HeadAbove above) {
        return new Trials(context, shape, options, plain, above, clock);
    }

    /** Nothing was asked for, or something that knows no such gates. */
    private Choice open(List<LstmEngine> known, Lstm.Shape shape, @Nullable HeadAbove above) {
        List<String> obstacles = new ArrayList<>();
        List<LstmCandidate> candidates = new ArrayList<>();
        for (LstmEngine engine : known.stream().filter(LstmEngine::competes)
                .filter(each -> clock != null || each.library()).toList()) {
            Optional<String> obstacle = engine.obstacle(shape);
            obstacle.ifPresent(obstacles::add);
            if (obstacle.isEmpty()) {
                candidates.addAll(engine.candidates(shape));
            }
        }
        Trials trials = trials(shape, above);
        Optional<LstmCandidate> taken = trials.best(candidates);
        List<String> findings = joined(obstacles, trials.findings());
        if (taken.isPresent()) {
            return new Choice(taken.get(), findings);
        }
        trials.throwIfOutOfMemory();
        if (shape.layers().recurrentActivation() == RecurrentActivation.SIGMOID && !findings.isEmpty()) {
            context.warn("charlstm's own kernels run the LSTM, which is slower than through cuDNN: "
                    + String.join("; ", findings));
            return plain(shape, List.of());
        }
        return plain(shape, findings);
    }

    private static List<String> joined(List<String> obstacles, List<String> findings) {
        return Stream.concat(obstacles.stream(), findings.stream()).toList();
    }

    /** What runs each shape so far, and what was found when that was chosen, a line each. */
    public List<String> choices() {
        return choices.entrySet().stream().map(each -> title(each.getKey().shape) + ": " + each.getValue().report())
                .toList();
    }

    static String title(Lstm.Shape shape) {
        Lstm.Layers layers = shape.layers();
        return String.format(Locale.ROOT, "LSTM %d x %d, %s%d units%s%s", shape.steps(), shape.batch(),
                layers.count() == 1 ? "" : layers.count() + " layers of ", layers.hidden(),
                layers.input().ids() ? "" : " on " + layers.input().title(), shape.training() ? "" : ", inference");
    }
}
