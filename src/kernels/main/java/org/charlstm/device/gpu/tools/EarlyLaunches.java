package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaStream;

/**
 * Tells which launches may begin before the previous kernel has ended (programmatic dependent launch). NVIDIA documents
 * this only for a kernel that waits for one kernel of its stream and for nothing else, such as a fork, join, fill or
 * copy.
 */
public final class EarlyLaunches {
    /** "off" makes each launch begin after the previous one has ended, for comparison. */
    private static final String SETTING = "CHARLSTM_EARLY";
    private static final int FIRST_CAPABILITY = 90;
    /** The first driver whose graphs have edges for such launches (CUgraphEdgeData of CUDA 12.3). */
    private static final int FIRST_DRIVER = 12030;

    private final Cuda cuda;
    /** Streams whose last work is a kernel. */
    private final Set<CudaStream> afterKernel = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean possible;

    private EarlyLaunches(Cuda cuda, boolean possible) {
        this.cuda = cuda;
        this.possible = possible;
    }

    static EarlyLaunches of(Cuda cuda) {
        return new EarlyLaunches(cuda, possible(System.getenv().getOrDefault(SETTING, ""),
                cuda.properties().capability(), (int) cuda.installation().driver().version()));
    }

    /** Whether launches may begin early, by the setting {@code asked}, the GPU and the driver. */
    static boolean possible(String asked, int capability, int driver) {
        if (!asked.isEmpty() && !asked.equals("off")) {
            throw new CharlstmException(SETTING + " is '" + asked + "'; it can be off, or be left out");
        }
        return asked.isEmpty() && capability >= FIRST_CAPABILITY && driver >= FIRST_DRIVER;
    }

    /** Whether the next launch on the current stream may begin early. */
    boolean next() {
        return possible && afterKernel.contains(cuda.stream());
    }

    /** Says that a kernel is now the last work of the current stream. */
    void kernel() {
        afterKernel.add(cuda.stream());
    }

    /** Says that the next launch on the current stream waits for work other than one kernel. */
    public void others() {
        afterKernel.remove(cuda.stream());
    }

    /** Says that no work is left on any stream. */
    void nothing() {
        afterKernel.clear();
    }

    /** Disables early launches, or enables them again; returns whether this is a change. */
    boolean without(boolean ordinary) {
        boolean change = possible == ordinary;
        possible = !ordinary;
        return change;
    }
}
