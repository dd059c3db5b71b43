package org.charlstm.device.cuda.lstm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.LstmShape;
import org.charlstm.device.Precision;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.binding.CudaLibraries;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.binding.RnnAlgorithm;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.context.CudaOptions;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.jspecify.annotations.Nullable;

/**
 * LSTMs through cuDNN: decides which of its algorithms runs each shape, among those that lay weights out alike. cuDNN
 * starts when it is first needed.
 */
public final class CudnnEngine implements LstmEngine {
    /** The first whose recurrent networks know bf16. */
    private static final long BF16_VERSION = 91300;

    private final CudaContext context;
    private final CudaMemory memory;
    private final CudaLibraries libraries;
    private final Precision precision;
    private final Kernels kernels;
    private final String asked;
    private final boolean graphs;
    private final Map<LstmShape, AlgorithmChoice> choices = new LinkedHashMap<>();
    private final Map<LstmLayers, Family> families = new HashMap<>();
    /** Null until it is needed. */
    private @Nullable CudnnHandle handle;

    /**
     * Algorithms that lay the weights of a model out alike.
     *
     * @param layout  where weights lie, in a space that is large enough for each
     * @param members the algorithms
     * @param others  what is to be said of those that are not among them
     */
    private record Family(CudnnLstmLayout layout, List<RnnAlgorithm> members, List<String> others) {
    }

    /**
     * Nothing is opened yet.
     *
     * @param memory  where cuDNN's handle lives
     * @param options which algorithm, whether steps will be recorded, and how exact
     */
    public CudnnEngine(CudaContext context, CudaMemory memory, CudaLibraries libraries, Kernels kernels,
            DeviceOptions options) {
        this.context = context;
        this.memory = memory;
        this.libraries = libraries;
        this.kernels = kernels;
        precision = options.precision();
        asked = CudaOptions.of(options).rnnAlgorithm();
        graphs = CudaOptions.of(options).graphs();
    }

    /** Refuses options that name one of cuDNN's algorithms where there is no cuDNN, or none for their precision. */
    public static void require(CudaLibraries libraries, DeviceOptions options) {
        String algorithm = CudaOptions.of(options).rnnAlgorithm();
        if (isAlgorithm(algorithm)) {
            libraries.withoutCudnn().ifPresent(reason -> {
                throw new CharlstmException("rnn-algo " + algorithm + " needs cuDNN: " + reason
                        + "; auto does without it").mendedBy("rnn-algo");
            });
            require(libraries.cudnn(), options.precision());
        }
    }

    private static void require(Cudnn cudnn, Precision precision) {
        if (precision == Precision.BF16 && cudnn.version() < BF16_VERSION) {
            throw new CharlstmException("precision bf16 needs cuDNN " + Cudnn.versionText(BF16_VERSION)
                    + " or newer, and " + cudnn.place() + " is " + cudnn.versionText()).mendedBy("precision");
        }
    }

    private CudnnHandle cudnn() {
        if (handle == null) {
            Cudnn found = libraries.cudnn();
            require(found, precision);
            handle = new CudnnHandle(context, memory, found, precision);
        }
        return handle;
    }

    @Override
    public boolean isNamed(String algorithm) {
        return isAlgorithm(algorithm);
    }

    private static boolean isAlgorithm(String algorithm) {
        return Arrays.stream(RnnAlgorithm.values()).anyMatch(each -> each.title().equals(algorithm));
    }

    @Override
    public boolean knows(RecurrentActivation gates) {
        return gates == RecurrentActivation.SIGMOID;
    }

    @Override
    public Optional<String> obstacle(LstmLayers layers) {
        if (!knows(layers.recurrentActivation())) {
            return Optional.of("cuDNN has no LSTM of " + layers.recurrentActivation().title() + " gates");
        }
        try {
            family(layers);
            return Optional.empty();
        } catch (CharlstmException e) {
            if ((e instanceof CudaException ? e : e.getCause()) instanceof CudaException failure) {
                context.requireAfter(failure);
                if (failure.outOfMemory()) {
                    throw e;
                }
            }
            return Optional.of(e.getMessage());
        }
    }

    private Family family(LstmLayers layers) {
        Family known = families.get(layers);
        if (known == null) {
            known = query(layers);
            families.put(layers, known);
        }
        return known;
    }

    /** The first algorithm that cuDNN has decides; the others belong to it if each gate's weights lie in one place. */
    private Family query(LstmLayers layers) {
        CudnnLstmLayout first = null;
        List<RnnAlgorithm> members = new ArrayList<>();
        List<String> others = new ArrayList<>();
        CudaException last = null;
        // Where cuDNN does not start, no algorithm is to blame.
        CudnnHandle at = cudnn();
        for (RnnAlgorithm algorithm : wanted()) {
            try {
                CudnnLstmLayout layout = CudnnLstmLayout.query(at, algorithm, layers);
                if (first == null || layout.gates().equals(first.gates())) {
                    first = first == null ? layout : first.withBytes(Math.max(first.bytes(), layout.bytes()));
                    members.add(algorithm);
                } else {
                    others.add(algorithm.title() + " lays weights out otherwise");
                }
            } catch (CudaException e) {
                if (e.outOfMemory()) {
                    throw e;
                }
                others.add(AlgorithmChoice.failure(algorithm.title(), e));
                last = e;
            }
        }
        if (first == null || (!isOpen() && members.stream().noneMatch(this::isAsked))) {
            throw new CharlstmException(none(layers) + (last == null ? "" : ": " + last.getMessage()), last);
        }
        return new Family(first, members, others);
    }

    /** What was asked for, and what may go backward for it. */
    private List<RnnAlgorithm> wanted() {
        RnnAlgorithm[] all = RnnAlgorithm.values();
        if (isOpen()) {
            return List.of(all);
        }
        RnnAlgorithm named = Arrays.stream(all).filter(this::isAsked).findFirst().orElseThrow();
        return named == RnnAlgorithm.PERSIST_STATIC_SMALL_H ? List.of(named, RnnAlgorithm.STANDARD) : List.of(named);
    }

    private boolean isAsked(RnnAlgorithm algorithm) {
        return algorithm.title().equals(asked);
    }

    private boolean isOpen() {
        return asked.equals("auto");
    }

    private String none(LstmLayers layers) {
        return "cuDNN has no " + (isOpen() ? "" : asked + " ") + "LSTM of " + layers.input().title() + " and "
                + layers.hidden() + " units" + (layers.count() == 1 ? "" : " in " + layers.count() + " layers");
    }

    @Override
    public Lstm open(CudaMemory owner, LstmShape shape, int offset) {
        requireSizes(shape);
        Family family = family(shape.layers());
        // One choice for a shape, so that every network of it computes the same bits.
        AlgorithmChoice choice = choices.get(shape);
        if (choice == null) {
            choice = choose(family, shape);
            choices.put(shape, choice);
        }
        CudnnPass pass = choice.open();
        owner.own(pass::close);
        return new CudnnLstm(context, kernels, owner, family.layout(), shape, offset, pass);
    }

    private static void requireSizes(LstmShape shape) {
        if (shape.steps() > Cudnn.MAX_STEPS) {
            throw new CharlstmException(String.format(Locale.ROOT,
                    "an LSTM over %,d time steps; cuDNN takes at most %,d; use shorter texts, a shorter window or "
                            + "rnn-algo kernels",
                    shape.steps(), Cudnn.MAX_STEPS)).mendedBy("window", "rnn-algo");
        }
        if ((double) shape.layers().count() * shape.batch() * shape.hidden() > Cudnn.MAX_STATE) {
            throw new CharlstmException(String.format(Locale.ROOT, "the state of an LSTM of %,d layers, %,d sequences "
                    + "and %,d units has more than the %,d elements that cuDNN takes; use a smaller batch",
                    shape.layers().count(), shape.batch(), shape.hidden(), Cudnn.MAX_STATE)).mendedBy("batch-size");
        }
    }

    private AlgorithmChoice choose(Family family, LstmShape shape) {
        List<AlgorithmPair> candidates = new ArrayList<>();
        family.members.stream().filter(member -> isOpen() || isAsked(member))
                .forEach(member -> candidates.add(new AlgorithmPair(member)));
        if (shape.training() && family.members.containsAll(List.of(RnnAlgorithm.PERSIST_STATIC_SMALL_H,
                RnnAlgorithm.STANDARD))) {
            candidates.add(new AlgorithmPair(RnnAlgorithm.PERSIST_STATIC_SMALL_H, RnnAlgorithm.STANDARD));
        }
        // Over a single step there is nothing that a persistent algorithm could keep.
        boolean competing = isOpen() && shape.steps() > 1;
        try {
            return new AlgorithmChoice(cudnn(), family.layout, shape, candidates,
                    isOpen() ? family.others : List.of(),
                    competing ? AlgorithmChoice.Aim.FASTEST : AlgorithmChoice.Aim.FIRST, graphs);
        } catch (CudaException e) {
            throw e;
        } catch (CharlstmException e) {
            throw new CharlstmException(none(shape.layers()) + ": " + e.getMessage()
                    + "; rnn-algo kernels does without cuDNN", e).mendedBy("rnn-algo");
        }
    }

    @Override
    public String report(LstmShape shape) {
        return Objects.requireNonNull(choices.get(shape), "a shape that was opened").report();
    }
}
