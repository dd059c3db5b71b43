package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceSetting;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.head.OneLaunch;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.spi.Head;
import org.charlstm.device.spi.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * Gives each shape the engine that was asked for, or else the fastest one by a measurement. The plain kernels give the
 * reference results, and run a shape that no other engine runs.
 */
public final class RnnEngines {
    private final GpuContext context;
    private final DeviceOptions options;
    private final GpuOptions.Engine asked;
    private final List<RnnEngine> engines;
    private final RnnEngine plain;
    private final Autotuner tuner;
    /** One choice for each shape and the head above, so that all networks of these sizes compute the same bits. */
    private final Map<Wanted, Choice> choices = new LinkedHashMap<>();

    private record Wanted(Rnn.Shape shape, Head.@Nullable Shape above) {
    }

    private record Choice(RnnEngine.Candidate taken, List<String> findings) {
    }

    /**
     * The plain engine must have no obstacles. Where the tuner times nothing, as on a simulated GPU, the library's
     * first candidate that runs is taken, and nothing is compared with the plain kernels. There, own engines run only
     * if they are named or no other engine runs.
     */
    RnnEngines(GpuContext context, DeviceOptions options, List<RnnEngine> engines, RnnEngine plain, Autotuner tuner) {
        this.context = context;
        this.options = options;
        asked = options.gpu().engine();
        this.engines = engines;
        this.plain = plain;
        this.tuner = tuner;
    }

    /** The engines of a device: cuDNN and charlstm's own kernels. */
    public static RnnEngines of(GpuTools tools, CudaInstallation libraries, DeviceOptions options, Autotuner tuner) {
        Precision precision = options.precision();
        return new RnnEngines(
                tools.context(), options, List.of(new CudnnEngine(tools, libraries, options),
                        new FusedEngine(tools, precision, false), new FusedEngine(tools, precision, true)),
                new PlainEngine(tools), tuner);
    }

    /** Refuses options that name cuDNN or one of its algorithms where cuDNN is missing or lacks the precision. */
    public static void require(CudaInstallation libraries, DeviceOptions options) {
        CudnnEngine.require(libraries, options);
    }

    /** Opens layers for one shape, with weights from an offset on. {@code above} is a head in one launch, or null. */
    public Rnn rnn(GpuMemory memory, Rnn.Shape shape, int offset, @Nullable OneLaunch above) {
        Wanted wanted = new Wanted(shape, above == null ? null : above.shape());
        return choices.computeIfAbsent(wanted, _ -> choose(shape, above)).taken.opener().apply(memory, offset);
    }

    private Choice choose(Rnn.Shape shape, @Nullable OneLaunch above) {
        if (asked == plain.name()) {
            return plain(shape, List.of());
        }
        List<RnnEngine> named = engines.stream().filter(engine -> engine.name() == asked).toList();
        return named.isEmpty() ? automatic(shape, above) : named(named, shape, above);
    }

    private Choice plain(Rnn.Shape shape, List<String> findings) {
        return new Choice(plain.candidates(shape).getFirst(), findings);
    }

    private Choice named(List<RnnEngine> named, Rnn.Shape shape, @Nullable OneLaunch above) {
        List<String> findings = new ArrayList<>();
        for (RnnEngine engine : named) {
            Optional<String> obstacle = engine.lacks(shape.layers().cell()).or(() -> engine.obstacle(shape));
            if (obstacle.isEmpty()) {
                engine.unloaded(shape).ifPresent(failure -> {
                    throw failure;
                });
                Autotuner.Outcome<RnnEngine.Candidate> outcome = best(engine.candidates(shape), shape, above);
                findings.addAll(outcome.findings());
                return new Choice(outcome.best().orElseThrow(() -> noneServes(engine, shape, outcome)), findings);
            }
            findings.add(obstacle.get());
        }
        if (asked.fused() && shape.steps() == 1 && !shape.training()) {
            // A single step has nothing to fuse, and sampling in one launch needs no engine.
            return plain(shape, findings);
        }
        throw refused(new ShapeException(withoutIt(String.join("; ", findings))));
    }

    private CharlstmException noneServes(RnnEngine engine, Rnn.Shape shape, Autotuner.Outcome<?> outcome) {
        outcome.throwIfOutOfMemory();
        CharlstmException failure = outcome.failure();
        String findings = String.join(", ", outcome.findings()) + (failure == null ? "" : "; " + failure.getMessage());
        return refused(new CharlstmException(withoutIt(engine.refusal(shape.layers(), findings)), failure));
    }

    private static String withoutIt(String reason) {
        return reason + "; auto does without it";
    }

    private CharlstmException refused(CharlstmException refusal) {
        return refusal.mendedBy(
                options.gpu().algorithm() == GpuOptions.Algorithm.AUTO ? DeviceSetting.RNN_ENGINE
                        : DeviceSetting.CUDNN_ALGORITHM);
    }

    private Autotuner.Outcome<RnnEngine.Candidate> best(List<RnnEngine.Candidate> candidates, Rnn.Shape shape,
            @Nullable OneLaunch above) {
        if (candidates.isEmpty() || (!tuner.timed() && !candidates.getFirst().library())) {
            return new Autotuner.Outcome<>(candidates.stream().findFirst(), List.of(), null);
        }
        try (RnnTuning tuning = new RnnTuning(context, options.precision(), shape, above, plain, tuner.timed())) {
            // A single step has nothing to keep on the chip, so a comparison has nothing to win.
            return tuner.choose(tuning, candidates, shape.steps() > 1 && candidates.size() > 1);
        }
    }

    private Choice automatic(Rnn.Shape shape, @Nullable OneLaunch above) {
        List<String> findings = new ArrayList<>();
        List<RnnEngine.Candidate> candidates = new ArrayList<>();
        boolean library = false;
        for (RnnEngine engine : engines.stream().filter(RnnEngine::competes)
                .filter(each -> tuner.timed() || each.library()).toList()) {
            Optional<String> lack = engine.lacks(shape.layers().cell());
            library |= engine.library() && lack.isEmpty();
            lack.or(() -> engine.obstacle(shape))
                    .or(() -> engine.unloaded(shape).map(CharlstmException::getMessage))
                    .ifPresentOrElse(findings::add,
                            () -> candidates.addAll(engine.candidates(shape)));
        }
        Autotuner.Outcome<RnnEngine.Candidate> outcome = best(tuner.allowed(candidates, findings), shape, above);
        findings.addAll(outcome.findings());
        if (outcome.best().isPresent()) {
            return new Choice(outcome.best().get(), findings);
        }
        outcome.throwIfOutOfMemory();
        if (library && !findings.isEmpty()) {
            context.warn("charlstm's own kernels run the " + shape.layers().cell().title()
                    + ", which is slower than through cuDNN: " + String.join("; ", findings));
            return plain(shape, List.of());
        }
        return plain(shape, findings);
    }

    /** One line for each shape so far: its engine and the findings of the choice. */
    public List<String> choices() {
        return choices.entrySet().stream().map(
                each -> Autotuner.report(title(each.getKey().shape), each.getValue().taken, each.getValue().findings))
                .toList();
    }

    /** One line for each shape so far: its engine. */
    public List<String> taken() {
        return choices.entrySet().stream().map(
                each -> Autotuner.report(title(each.getKey().shape), each.getValue().taken, List.of())).toList();
    }

    /** The largest batch that takes no more waves than {@code batch}, which was trained with; 0 if not known. */
    public int waveBatch(int batch) {
        return choices.entrySet().stream()
                .filter(each -> each.getKey().shape.training() && each.getKey().shape.batch() == batch)
                .mapToInt(each -> each.getValue().taken.fill(batch)).min().orElse(0);
    }

    static String title(Rnn.Shape shape) {
        Rnn.Layers layers = shape.layers();
        return String.format(Locale.ROOT, "%s %d x %d, %s%d units%s%s", layers.cell().title(), shape.steps(),
                shape.batch(), layers.count() == 1 ? "" : layers.count() + " layers of ", layers.hidden(),
                layers.input().ids() ? "" : " on " + layers.input().title(), shape.training() ? "" : ", inference");
    }
}
