package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.gpu.tools.Kernel;

/** The bytes that charlstm's kernels move on the simulated GPU. */
public final class KernelTraffic {
    private KernelTraffic() {
    }

    /** All that each kernel moves during some work. */
    public static Map<Kernel, Traffic> moved(Runnable work) {
        Map<Kernel, Traffic> moved = new EnumMap<>(Kernel.class);
        for (Kernel kernel : Kernel.values()) {
            moved.put(kernel, SimulatedGpu.traffic(kernel.entry()));
        }
        work.run();
        moved.replaceAll((kernel, before) -> SimulatedGpu.traffic(kernel.entry()).since(before));
        return moved;
    }

    /** So many launches, which write just that and read at least that, since what a cache would give again counts. */
    public static void requireMoved(Map<Kernel, Traffic> moved, Kernel kernel, int launches, long read, long written) {
        Traffic traffic = moved.get(kernel);
        assertEquals(launches, traffic.launches(), kernel + " is launched");
        assertEquals(written, traffic.written(), kernel + " writes");
        assertTrue(traffic.read() >= read, kernel + " reads " + traffic.read() + ", less than the " + read
                + " that it must");
    }
}
