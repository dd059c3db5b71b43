package org.charlstm.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** The simulated GPU's own switches and counters, which no real driver has. */
@SuppressWarnings("restricted")
final class SimulatedGpu {
    private static final Linker LINKER = Linker.nativeLinker();

    private SimulatedGpu() {
    }

    /** Sets one of the variables that the simulated GPU reads at every cuInit; null clears it. */
    static void set(String variable, String value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(variable);
            if (value == null) {
                LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("unsetenv"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS)).invoke(name);
            } else {
                LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("setenv"), FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                        .invoke(name, arena.allocateFrom(value), 1);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Allocations, modules, streams, graphs, contexts and objects of cuBLAS and cuDNN that are still there. */
    static long live() {
        SymbolLookup symbols = SymbolLookup.libraryLookup(
                Path.of(System.getenv("CHARLSTM_LIBCUDA")).resolveSibling("libcharlstm-sim.so"), Arena.global());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counters = arena.allocate(ValueLayout.JAVA_LONG, 10);
            MemorySegment live = arena.allocate(ValueLayout.JAVA_LONG, 6);
            FunctionDescriptor fills = FunctionDescriptor.ofVoid(ValueLayout.ADDRESS);
            LINKER.downcallHandle(symbols.findOrThrow("charlstm_sim_counters"), fills).invoke(counters);
            LINKER.downcallHandle(symbols.findOrThrow("charlstm_sim_live"), fills).invoke(live);
            long sum = counters.getAtIndex(ValueLayout.JAVA_LONG, 0);
            for (int i = 0; i < 6; i++) {
                sum += live.getAtIndex(ValueLayout.JAVA_LONG, i);
            }
            return sum;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
