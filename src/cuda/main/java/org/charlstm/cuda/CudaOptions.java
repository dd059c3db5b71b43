package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.cuda.binding.CudaProcess;

/**
 * Which GPU to open, and how.
 *
 * @param number    which GPU, from 0, in the driver's order
 * @param binding   how NVIDIA's libraries are called
 * @param simulated whether to open the simulated GPU, for tests; a process uses real GPUs or the simulated GPU, not
 *                  both
 */
public record CudaOptions(int number, Binding binding, boolean simulated) {
    /**
     * The system property {@value}, which overrides the environment's {@code CHARLSTM_GPU} and takes the same values. A
     * test sets the property for a program that opens the GPU of the environment.
     */
    public static final String GPU_PROPERTY = "org.charlstm.cuda.gpu";

    private static final String GPU = "CHARLSTM_GPU";
    private static final String BINDING = "CHARLSTM_BINDING";

    /** The first real GPU through any binding. */
    public static final CudaOptions DEFAULT = new CudaOptions(0, Binding.AUTO, false);
    /** The simulated GPU through any binding. */
    public static final CudaOptions SIMULATED = new CudaOptions(0, Binding.AUTO, true);

    /** Refuses a negative number. */
    public CudaOptions {
        Objects.requireNonNull(binding, "the binding is null");
        if (number < 0) {
            throw new IllegalArgumentException("the GPU's number is " + number + "; it must be 0 or more");
        }
    }

    /**
     * The environment's choice; it lets one program run on any GPU and, in a test, on the simulated GPU.
     * {@code CHARLSTM_GPU} is a number from 0, or {@code simulated}; the system property {@link #GPU_PROPERTY}
     * overrides it. {@code CHARLSTM_BINDING} is {@code auto}, {@code panama} or {@code jcuda}. An unset variable has
     * its default.
     *
     * @throws CharlstmException if a variable has another value
     */
    public static CudaOptions ofEnvironment() {
        String property = System.getProperty(GPU_PROPERTY);
        if (property == null) {
            return of(System.getenv());
        }
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(GPU, property);
        return of(environment);
    }

    static CudaOptions of(Map<String, String> environment) {
        String gpu = environment.getOrDefault(GPU, "");
        String binding = environment.getOrDefault(BINDING, "");
        if (!gpu.matches("\\d{0,4}|simulated")) {
            throw new CharlstmException(GPU + " is '" + gpu + "'; it can be a GPU's number from 0, or simulated");
        }
        CudaOptions options = gpu.equals("simulated") ? SIMULATED
                : DEFAULT.with(gpu.isEmpty() ? 0 : Integer.parseInt(gpu));
        return options.with(binding.isEmpty() ? Binding.AUTO
                : Arrays.stream(Binding.values()).filter(each -> each.toString().equals(binding)).findFirst()
                        .orElseThrow(() -> new CharlstmException(BINDING + " is '" + binding + "'; it can be "
                                + "auto, panama or jcuda")));
    }

    /** The libraries; opens the driver. */
    CudaLibraries libraries() {
        HostFunctions.requireOutside(number);
        return CudaProcess.libraries(simulated ? CudaProcess.Kind.SIMULATED : CudaProcess.Kind.REAL, binding);
    }

    /** Opens the GPU. */
    Cuda open() {
        CudaLibraries found = librariesOfGpu();
        int count = found.driver().cuDeviceGetCount();
        if (count == 0) {
            throw new CharlstmException("the GPU driver sees no GPU; check nvidia-smi and CUDA_VISIBLE_DEVICES");
        }
        if (number >= count) {
            throw new CharlstmException("there is no GPU " + number + "; the driver sees "
                    + (count == 1 ? "one, number 0" : count + ", 0 to " + (count - 1)));
        }
        return new Cuda(found, number);
    }

    /** The libraries; a failure's message adds how to run a test without a GPU. */
    private CudaLibraries librariesOfGpu() {
        try {
            return libraries();
        } catch (CudaException e) {
            throw e;
        } catch (CharlstmException e) {
            throw simulated ? e : new CharlstmException(e.getMessage() + "; for a test without a GPU set " + GPU
                    + "=simulated", e);
        }
    }

    /** These options for another GPU. */
    public CudaOptions with(int other) {
        return new CudaOptions(other, binding, simulated);
    }

    /** These options through another binding. */
    public CudaOptions with(Binding other) {
        return new CudaOptions(number, other, simulated);
    }
}
