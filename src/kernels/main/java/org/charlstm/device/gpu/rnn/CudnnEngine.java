package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.CudnnRnn;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.cuda.RnnCell;
import org.charlstm.cuda.RnnDescription;
import org.charlstm.device.Activation;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceSetting;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.GpuOptions.Algorithm;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.CudnnLayers.Algorithms;
import org.charlstm.device.gpu.rnn.CudnnWeights.Layout;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuTools;

/** Recurrent layers through cuDNN, with each of its algorithms or the one asked for. cuDNN starts at its first use. */
final class CudnnEngine implements RnnEngine {
    /** Elements of a pass's hidden states from which compiling may pay; the lab's has 2.8 million. */
    private static final long WORTH_COMPILING = 1 << 20;

    /** The first version whose recurrent networks compute in bf16. */
    private static final long BF16_VERSION = 91300;
    private static final String BF16_VERSION_TEXT = "9.13.0";

    private final GpuTools tools;
    private final GpuContext context;
    private final CudaInstallation libraries;
    private final Precision precision;
    private final GpuOptions options;
    private final Map<Described, Layout> layouts = new HashMap<>();

    private record Described(Rnn.Layers layers, RnnAlgorithm algorithm) {
    }

    CudnnEngine(GpuTools tools, CudaInstallation libraries, DeviceOptions options) {
        this.tools = tools;
        context = tools.context();
        this.libraries = libraries;
        precision = options.precision();
        this.options = options.gpu();
    }

    /** Refuses options that name cuDNN or one of its algorithms where cuDNN is missing or lacks the precision. */
    static void require(CudaInstallation libraries, DeviceOptions options) {
        GpuOptions asked = options.gpu();
        if (asked.engine() == Engine.CUDNN) {
            boolean algorithm = asked.algorithm() != Algorithm.AUTO;
            libraries.withoutCudnn().ifPresent(reason -> {
                throw new CharlstmException(
                        (algorithm ? "rnn-algo " + asked.algorithm() : "rnn-engine " + asked.rnnEngine())
                                + " needs cuDNN: " + reason + "; auto does without it")
                        .mendedBy(algorithm ? DeviceSetting.CUDNN_ALGORITHM : DeviceSetting.RNN_ENGINE);
            });
            require(libraries.cudnn(), options.precision());
        }
    }

    private static void require(CudaInstallation.Library cudnn, Precision precision) {
        if (precision == Precision.BF16 && cudnn.version() < BF16_VERSION) {
            throw new CharlstmException("precision bf16 needs cuDNN " + BF16_VERSION_TEXT
                    + " or newer, and " + cudnn.place() + " is " + cudnn.text()).mendedBy(DeviceSetting.PRECISION);
        }
    }

    /** cuDNN's equal of a cell; empty if cuDNN computes no such cell. */
    private static Optional<RnnCell> cell(RecurrentCell cell) {
        return switch (cell) {
            case RecurrentCell.Lstm _ -> Optional.of(RnnCell.LSTM).filter(_ -> cell.equals(RecurrentCell.Lstm.SIGMOID));
            case RecurrentCell.Gru _ -> Optional.of(RnnCell.GRU)
                    .filter(_ -> cell.equals(RecurrentCell.Gru.RESET_AFTER));
            case RecurrentCell.Elman(Activation activation) ->
                Optional.of(activation == Activation.RELU ? RnnCell.RELU : RnnCell.TANH);
        };
    }

    /** A network's description; cuDNN must have the cell. */
    static RnnDescription described(Rnn.Layers layers, RnnAlgorithm algorithm, Precision precision) {
        return RnnDescription.of(cell(layers.cell()).orElseThrow(), layers.input().columns(), layers.hidden())
                .withLayers(layers.count()).with(algorithm).with(precision);
    }

    @Override
    public Engine name() {
        return Engine.CUDNN;
    }

    @Override
    public boolean library() {
        return true;
    }

    @Override
    public Optional<String> lacks(RecurrentCell cell) {
        boolean hard = RecurrentActivation.HARD_SIGMOID.toString().equals(cell.options().get(RecurrentCell.GATES));
        return cell(cell).isPresent() ? Optional.empty() : Optional.of("cuDNN has no " + cell.title() + " with "
                + (hard ? "hard_sigmoid gates" : "the reset before the product"));
    }

    /** Why cuDNN has no such layers; empty if it has them. Throws the failure if cuDNN was asked for by name. */
    private Optional<String> obstacle(Rnn.Layers layers) {
        try {
            requireDescribed(layers);
            return Optional.empty();
        } catch (CharlstmException e) {
            if ((e instanceof CudaException ? e : e.getCause()) instanceof CudaException failure) {
                context.requireAfter(failure);
                if (failure.outOfMemory()) {
                    throw e;
                }
            }
            if (options.engine() == name()) {
                throw e;
            }
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public Optional<String> obstacle(Rnn.Shape shape) {
        String one = shape.layers().cell().one();
        if (shape.steps() > CudnnRnn.MAX_STEPS) {
            return Optional.of(String.format(Locale.ROOT, "%s over %,d time steps; cuDNN takes at most %,d",
                    one, shape.steps(), CudnnRnn.MAX_STEPS));
        }
        if ((double) shape.layers().count() * shape.batch() * shape.hidden() > CudnnRnn.MAX_STATE) {
            return Optional.of(String.format(Locale.ROOT, "the state of %s of %,d layers, %,d sequences "
                    + "and %,d units has more than the %,d elements that cuDNN takes", one,
                    shape.layers().count(), shape.batch(), shape.hidden(), CudnnRnn.MAX_STATE));
        }
        return obstacle(shape.layers());
    }

    /** Throws unless one of the algorithms can run such layers. */
    private void requireDescribed(Rnn.Layers layers) {
        CudaException last = null;
        require(libraries.cudnn(), precision);
        // Starts cuDNN first, to tell its failure from an algorithm's.
        context.cuda().cudnnVersion();
        for (RnnAlgorithm algorithm : wanted()) {
            try {
                layout(layers, algorithm);
                return;
            } catch (CudaException e) {
                // If cuDNN itself does not start, no algorithm is to blame.
                if (e.outOfMemory() || e.call().equals("cudnnCreate")) {
                    throw e;
                }
                last = e;
            }
        }
        throw new CharlstmException(refusal(layers, Objects.requireNonNull(last, "some are wanted").getMessage()),
                last);
    }

    private Layout layout(Rnn.Layers layers, RnnAlgorithm algorithm) {
        return layouts.computeIfAbsent(new Described(layers, algorithm), _ -> new Layout(layers,
                CudaType.ofActivations(precision),
                context.cuda().rnnWeights(described(layers, algorithm, precision))));
    }

    private List<RnnAlgorithm> wanted() {
        return options.algorithm() == Algorithm.AUTO ? List.of(RnnAlgorithm.values())
                : List.of(RnnAlgorithm.valueOf(options.algorithm().name()));
    }

    @Override
    public String refusal(Rnn.Layers layers, String findings) {
        return "cuDNN has no " + (options.algorithm() == Algorithm.AUTO ? "" : options.algorithm() + " ")
                + layers.cell().title() + " of " + layers.input().title() + " and " + layers.hidden() + " units"
                + (layers.count() == 1 ? "" : " in " + layers.count() + " layers") + ": " + findings;
    }

    @Override
    public List<Candidate> candidates(Rnn.Shape shape) {
        List<Candidate> candidates = new ArrayList<>();
        wanted().stream().filter(algorithm -> algorithm != RnnAlgorithm.PERSIST_DYNAMIC || paysToCompile(shape)
                || options.algorithm() != Algorithm.AUTO)
                .forEach(algorithm -> candidates.add(candidate(shape, new Algorithms(algorithm, algorithm))));
        if (shape.training() && wanted().contains(RnnAlgorithm.PERSIST_STATIC_SMALL_H) && standardGoesBack(shape)) {
            candidates.add(candidate(shape, new Algorithms(RnnAlgorithm.PERSIST_STATIC_SMALL_H,
                    RnnAlgorithm.STANDARD)));
        }
        return candidates;
    }

    /** Whether a pass is long enough to justify the seconds that cuDNN needs to compile code for its shape. */
    private static boolean paysToCompile(Rnn.Shape shape) {
        return (long) shape.steps() * shape.batch() * shape.hidden() >= WORTH_COMPILING;
    }

    /** Whether cuDNN has both the standard algorithm and the one for few units, and both lay out weights alike. */
    private boolean standardGoesBack(Rnn.Shape shape) {
        try {
            return layout(shape.layers(), RnnAlgorithm.PERSIST_STATIC_SMALL_H).weights().all()
                    .equals(layout(shape.layers(), RnnAlgorithm.STANDARD).weights().all());
        } catch (CudaException e) {
            context.requireAfter(e);
            return false;
        }
    }

    private Candidate candidate(Rnn.Shape shape, Algorithms algorithms) {
        return new Candidate(name() + " " + algorithms.title(), library(), (owner, offset) -> {
            Layout layout = layout(shape.layers(), algorithms.forward());
            if (algorithms.backward() != algorithms.forward()) {
                layout = layout.with(layout(shape.layers(), algorithms.backward()));
            }
            return new CudnnLayers(tools, owner, layout, shape, algorithms, offset);
        });
    }
}
