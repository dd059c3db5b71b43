package org.charlstm.cuda;

import module java.base;

/** The simulated GPU's own switches and counters, which no real driver has. */
@SuppressWarnings("restricted")
public final class SimulatedGpu {
    /** How the line begins that says how a program's own texts run. */
    public static final String BY_NVIDIAS = "charlstm sim: own kernels run as PTX by NVIDIA's own compiler: ";

    private static final int LIVE = 9;
    private static final Linker LINKER = Linker.nativeLinker();

    private SimulatedGpu() {
    }

    /** Sets one of the variables that the simulated GPU reads at every cuInit; null clears it. */
    public static void set(String variable, String value) {
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

    /** An image of the simulated NVRTC, sealed. */
    public static String image(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return "charlstm simulated CUBIN\nsealed " + bytes.length + " " + Integer.toUnsignedString(sum(bytes)) + "\n"
                + content;
    }

    /** As the program cksum has it: of the bytes, and then of their number from its lowest byte on. */
    private static int sum(byte[] bytes) {
        int sum = 0;
        for (byte each : bytes) {
            sum = withByte(sum, each);
        }
        for (int rest = bytes.length; rest != 0; rest >>>= 8) {
            sum = withByte(sum, rest);
        }
        return ~sum;
    }

    private static int withByte(int sum, int each) {
        int next = sum ^ each << 24;
        for (int bit = 0; bit < 8; bit++) {
            next = next << 1 ^ (next < 0 ? 0x04c11db7 : 0);
        }
        return next;
    }

    /** That of a text which NVIDIA's own compiler has made PTX of. */
    public static byte[] imageOf(String name, String ptx) {
        return image("ptx " + ptx.length() + "\n" + ptx + "name " + name + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** An image without code of its own: its module has the kernels that were built in. */
    public static byte[] builtIn() {
        return image("name none.cu\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The counters of the simulated GPU, in its own order. */
    public enum Counter {
        ALLOCATIONS, BYTES, ALLOCATIONS_EVER, LAUNCHES, COPIES_TO_DEVICE, COPIES_TO_HOST, BYTES_TO_DEVICE,
        BYTES_TO_HOST, PRODUCTS, RNN_CALLS, GRAPHS_INSTANTIATED, GRAPH_LAUNCHES,
        DEFAULT_PRODUCTS, PEDANTIC_PRODUCTS, TF32_PRODUCTS, INSTRUCTIONS
    }

    /** One of its counters now. */
    public static long count(Counter counter) {
        return counts().get(counter);
    }

    /** All its counters now. */
    public static Map<Counter, Long> counts() {
        Counter[] counters = Counter.values();
        long[] values = read("charlstm_sim_counters", counters.length);
        Map<Counter, Long> counts = new EnumMap<>(Counter.class);
        for (int i = 0; i < counters.length; i++) {
            counts.put(counters[i], values[i]);
        }
        return counts;
    }

    /** By how much the counters go up during some work. */
    public static Map<Counter, Long> during(Runnable work) {
        Map<Counter, Long> before = counts();
        work.run();
        Map<Counter, Long> done = counts();
        done.replaceAll((counter, count) -> count - before.get(counter));
        return done;
    }

    /** Allocations, modules, streams, graphs, contexts, events, pinned memory and libraries' objects still there. */
    public static long live() {
        return count(Counter.ALLOCATIONS) + Arrays.stream(read("charlstm_sim_live", LIVE)).sum();
    }

    /**
     * The traffic of a kernel, by blocks in forward order.
     *
     * @param read    bytes from device memory, however often the same
     * @param written bytes to it
     */
    public record Traffic(long launches, long read, long written) {
        public Traffic since(Traffic before) {
            return new Traffic(launches - before.launches, read - before.read, written - before.written);
        }
    }

    /** All that a kernel has moved so far. */
    public static Traffic traffic(String kernel) {
        long[] values = trafficAndDigest(kernel);
        return new Traffic(values[0], values[1], values[2]);
    }

    /** A sum over all that a kernel has left in memory so far, where CHARLSTM_SIM_DIGESTS was set. */
    public static long digest(String kernel) {
        return trafficAndDigest(kernel)[3];
    }

    /**
     * The priority at which the last operation ran that is described so, "kernel head" or a library's function; 1 if
     * none has.
     */
    public static int priority(String what) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) LINKER.downcallHandle(simulation().findOrThrow("charlstm_sim_priority"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS)).invoke(arena.allocateFrom(what));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many findings of any grade there were so far. */
    public static long found() {
        try {
            return (long) LINKER.downcallHandle(simulation().findOrThrow("charlstm_sim_found"),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG)).invoke();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Those after that many, a line of JSON each. */
    public static List<String> findings(long after) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(1 << 20);
            long _ = (long) LINKER.downcallHandle(simulation().findOrThrow("charlstm_sim_findings"),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG))
                    .invoke(after, text, text.byteSize());
            return text.getString(0).lines().toList();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static long[] trafficAndDigest(String kernel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(ValueLayout.JAVA_LONG, 4);
            LINKER.downcallHandle(simulation().findOrThrow("charlstm_sim_traffic"),
                    FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS))
                    .invoke(arena.allocateFrom(kernel), values);
            return values.toArray(ValueLayout.JAVA_LONG);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static SymbolLookup simulation() {
        return SymbolLookup.libraryLookup(
                Path.of(System.getenv("CHARLSTM_LIBCUDA")).resolveSibling("libcharlstm-sim.so"), Arena.global());
    }

    private static long[] read(String function, int count) {
        SymbolLookup symbols = simulation();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(ValueLayout.JAVA_LONG, count);
            LINKER.downcallHandle(symbols.findOrThrow(function), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS))
                    .invoke(values);
            return values.toArray(ValueLayout.JAVA_LONG);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
