package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaProperties;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceSetting;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.gpu.head.HeadChoice;
import org.charlstm.device.gpu.rnn.RnnEngines;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.ExcludedCandidates;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuProducts;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.KernelImages;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.spi.Leases;
import org.charlstm.device.spi.Stopwatch;
import org.charlstm.device.spi.Version;
import org.jspecify.annotations.Nullable;

/** An NVIDIA GPU, on one stream. cuDNN or own kernels run layers, cuBLAS runs products, own kernels the rest. */
public final class GpuDevice implements Device, Stopwatch.Source {
    /** The first compute capability with tensor cores for TF32 and bf16. */
    private static final int AMPERE = 80;

    private final Leases leases;
    private final String name;
    private final Precision precision;
    private final String description;
    private final GpuContext context;
    private final CudaInstallation libraries;
    private final CapturedStep.StepsAhead ahead;
    private final boolean graphs;
    private final GpuProducts products;
    private final RnnEngines rnns;
    private final HeadChoice heads;
    private final Operations operations;
    private final Set<GpuMemory> scopes = new LinkedHashSet<>();
    private final Resources resources = new Resources();

    /** Opens a GPU. The clock, in nanoseconds, times the engines; null if times mean nothing, as on a simulated GPU. */
    public GpuDevice(String name, CudaInstallation libraries, DeviceOptions options, @Nullable LongSupplier clock) {
        this(name, libraries, options, clock, leftOut(libraries, options.number(), System.getenv()));
    }

    /** Opens a GPU whose {@code auto} does not try the excluded candidates. */
    public GpuDevice(String name, CudaInstallation libraries, DeviceOptions options, @Nullable LongSupplier clock,
            ExcludedCandidates leftOut) {
        this(name, libraries, options, clock, leftOut, null);
    }

    /** A device on an open GPU that belongs to the caller and must outlive this device. */
    public GpuDevice(String name, Cuda cuda, DeviceOptions options, @Nullable LongSupplier clock) {
        this(name, cuda.installation(), options, clock,
                leftOut(cuda.installation(), cuda.number(), System.getenv()), cuda);
    }

    /** Opens the GPU unless one is given. */
    private GpuDevice(String name, CudaInstallation libraries, DeviceOptions options, @Nullable LongSupplier clock,
            ExcludedCandidates leftOut, @Nullable Cuda given) {
        this.name = name;
        this.libraries = libraries;
        leases = new Leases("device '" + name + "'");
        GpuOptions asked = options.gpu();
        graphs = asked.graphs();
        precision = options.precision();
        // These checks come before anything is opened, so a missing library leaves nothing behind.
        RnnEngines.require(libraries, options);
        libraries.cublas();
        try {
            context = new GpuContext(given == null ? opened(options.number()) : given);
            resources.add(context::close);
            if (!asked.overlap()) {
                context.keepInOrder();
            }
            boolean cudnn = (asked.engine() == GpuOptions.Engine.AUTO || asked.engine() == GpuOptions.Engine.CUDNN)
                    && libraries.withoutCudnn().isEmpty();
            if (cudnn) {
                libraries.newerThanCudnn(context.capability()).ifPresent(context::warn);
            }
            Kernels kernels = new Kernels(context, KernelImages.of(libraries, context.capability()));
            resources.add(kernels::close);
            require(precision, context.capability());
            ahead = new CapturedStep.StepsAhead(context, System::nanoTime);
            resources.add(ahead::close);
            GpuMemory memory = new GpuMemory(context, CudaType.FLOAT32);
            resources.add(memory::close);
            products = new GpuProducts(context, precision);
            GpuTools tools = new GpuTools(context, kernels, products);
            Autotuner tuner = new Autotuner(context, graphs, clock, leftOut);
            rnns = RnnEngines.of(tools, libraries, options, tuner);
            context.runs(() -> "it was " + String.join("; ", rnns.taken()) + "; leave out an engine by "
                    + ExcludedCandidates.SETTING + ", such as " + ExcludedCandidates.SETTING
                    + "=fused, or let a step take longer by a greater "
                    + GpuContext.DEADLINE);
            heads = new HeadChoice(tools, asked.engine(), tuner);
            operations = new GpuOperations(tools, memory, rnns, heads, asked.rnnEngine().fused());
            description = hardware() + ", driver for CUDA " + libraries.driver().text() + ", cuBLAS "
                    + libraries.cublas().text() + ", " + (cudnn ? "cuDNN " + libraries.cudnn().text() : "no cuDNN")
                    + ", " + precision + ", through " + libraries.binding();
            resources.add(this::closeScopes);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** Excludes candidates for a card, driver and charlstm's version, since others may not have the fault. */
    static ExcludedCandidates leftOut(CudaInstallation libraries, int number, Map<String, String> environment) {
        return ExcludedCandidates.of(environment, CudaInstallation.cache(environment),
                libraries.gpus().get(number).name()
                        + ", driver for CUDA " + libraries.driver().text() + ", charlstm "
                        + Version.of(GpuDevice.class));
    }

    private Cuda opened(int number) {
        // Leases keep threads apart.
        Cuda cuda = libraries.lend(number);
        resources.add(cuda::close);
        return cuda;
    }

    /** Tensor cores of 7.5 take half alone, which would need scaled losses; float32 is that card's best. */
    private static void require(Precision precision, int capability) {
        if (precision != Precision.FLOAT32 && capability < AMPERE) {
            throw new CharlstmException("precision " + precision + " needs a GPU of compute capability 8.0 "
                    + "or newer, and this one has " + CudaProperties.capabilityText(capability) + "; use float32")
                    .mendedBy(DeviceSetting.PRECISION);
        }
    }

    /** The context on whose stream the operations run, for callers that add work to a captured step. */
    public GpuContext context() {
        leases.requireOpen();
        return context;
    }

    /** NVIDIA's libraries as this device uses them. */
    public CudaInstallation libraries() {
        return libraries;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public String hardware() {
        leases.requireOpen();
        return context.cuda().properties().name();
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public boolean runsBehind() {
        return true;
    }

    @Override
    public List<String> choices() {
        return Stream.concat(rnns.choices().stream(), heads.choices().stream()).toList();
    }

    @Override
    public int waveBatch(int batch) {
        return rnns.waveBatch(batch);
    }

    @Override
    public List<String> warnings() {
        return context.warnings();
    }

    @Override
    public Map<String, Long> memoryUse() {
        return context.cuda().memory().byPurpose();
    }

    @Override
    public long peakMemory() {
        return context.cuda().memory().peak();
    }

    @Override
    public Lease lease() {
        return leases.lease();
    }

    @Override
    public Stopwatch stopwatch() {
        leases.requireOpen();
        return new Events(context.cuda().newStopwatch());
    }

    @Override
    public OptionalDouble ceiling() {
        try (Lease _ = lease()) {
            return OptionalDouble.of(products.ceiling());
        }
    }

    @Override
    public Memory memory() {
        leases.requireOpen();
        GpuMemory memory = new GpuMemory(context, CudaType.ofActivations(precision), leases);
        scopes.add(memory);
        memory.own(() -> scopes.remove(memory));
        return memory;
    }

    private void closeScopes() {
        try (Resources open = new Resources()) {
            new ArrayList<>(scopes).forEach(scope -> open.add(scope::close));
        }
    }

    @Override
    public Operations operations() {
        leases.requireOpen();
        return operations;
    }

    @Override
    public <T> T trying(String what, Supplier<T> work) {
        return context.trying(() -> what + (rnns.taken().isEmpty() ? "" : ", by " + String.join("; ", rnns.taken())),
                work);
    }

    @Override
    public Runnable capture(Memory memory, Runnable step) {
        leases.requireOpen();
        CapturedStep captured = new CapturedStep(context, ahead, graphs, step);
        GpuMemory.of(memory).own(captured::close);
        return captured;
    }

    @Override
    public void close() {
        leases.close(resources::close);
    }

    private record Events(CudaStopwatch events) implements Stopwatch {
        @Override
        public void mark() {
            events.mark();
        }

        @Override
        public void markLaunches(Consumer<String> listener) {
            events.markLaunches(listener);
        }

        @Override
        public double[] laps() {
            return events.laps();
        }

        @Override
        public void close() {
            events.close();
        }
    }
}
