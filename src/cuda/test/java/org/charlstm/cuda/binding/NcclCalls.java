package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.panama.PanamaBinding;
import org.charlstm.cuda.panama.PanamaCalls;

/**
 * Calls NCCL, NVIDIA's or the stand-in, and prints a line for each answer; a program of its own, as
 * {@link LibraryCalls} is. Beside the stand-in the simulated GPU's driver lies; for NVIDIA's a stand-in for CUDA's
 * runtime is preloaded, whose memory is the host's.
 */
public final class NcclCalls {
    /** Not of any stream; NVIDIA's NCCL only hands it on. */
    private static final long STREAM = 0x5000;
    /** ncclInt8, the type that NCCL logs for data that it only moves. */
    private static final int CHAR = 0;
    private static final int BYTES = 1 << 12;
    /** To open the libraries takes long where the disk has to be read. */
    private static final int MOST_SECONDS = 90;

    private final SymbolLookup symbols;
    private final Nccl nccl;
    private final boolean simulated;
    private final CudaDriver driver;
    private final long stream;

    @SuppressWarnings("restricted")
    private NcclCalls(Path library) {
        symbols = SymbolLookup.libraryLookup(library, Arena.global());
        nccl = PanamaCalls.open(Nccl.class, new LibrarySearch.Found(symbols, library.toString()));
        simulated = library.resolveSibling("libcuda.so.1").toFile().exists();
        if (simulated) {
            driver = new PanamaBinding().driver(new LibrarySearch(Optional.of(library.getParent())));
            driver.cuCtxSetCurrent(driver.cuDevicePrimaryCtxRetain(driver.cuDeviceGet(0)));
            stream = driver.cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, 0);
        } else {
            driver = null;
            stream = STREAM;
        }
    }

    /**
     * Calls.
     *
     * @param arguments the library, and one of {@code answers}, {@code id}, {@code texts}, {@code calls}, or
     *                  {@code join} with a number of ranks
     */
    public static void main(String[] arguments) throws InterruptedException {
        NcclCalls calls = new NcclCalls(Path.of(arguments[0]));
        switch (arguments[1]) {
            case "answers" -> calls.answers();
            case "id" -> ask("id", calls.nccl::uniqueId);
            case "texts" -> calls.texts();
            case "calls" -> calls.calls();
            case "join" -> calls.join(Integer.parseInt(arguments[2]));
            default -> throw new IllegalArgumentException(arguments[1]);
        }
    }

    private static void say(String what, Object answer) {
        System.out.println(what + " = " + answer);
    }

    private static void ask(String what, Runnable call) {
        try {
            call.run();
            say(what, 0);
        } catch (CudaException e) {
            say(what, e.status());
        }
    }

    /** Calls with arguments of 64 bits, which are wide enough for all. */
    private Object raw(String function, long... arguments) {
        return raw(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, Collections
                .nCopies(arguments.length, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new)),
                LongStream.of(arguments).boxed().toArray());
    }

    @SuppressWarnings("restricted")
    private Object raw(String function, FunctionDescriptor type, Object... arguments) {
        try {
            return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(function), type)
                    .invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " cannot be called", e);
        }
    }

    /** Zeros where a GPU finds them. */
    private long memory() {
        if (!simulated) {
            return Arena.global().allocate(BYTES, 256).address();
        }
        long pointer = driver.cuMemAlloc_v2(BYTES);
        driver.cuMemsetD32Async(pointer, 0, BYTES / Integer.BYTES, stream);
        return pointer;
    }

    private void answers() {
        say("version", nccl.versionText());
        say("version into null", raw("ncclGetVersion", 0));
        say("id into null", raw("ncclGetUniqueId", 0));
        byte[] id = nccl.uniqueId();
        for (int[] ranks : new int[][] {{5, 2}, {2, 2}, {-1, 2}, {0, 0}, {0, -1}, {-1, -1}}) {
            ask("join as " + ranks[0] + " of " + ranks[1], () -> nccl.ncclCommInitRank(ranks[1], id, ranks[0]));
        }
        ask("join by an id of zeros", () -> nccl.ncclCommInitRank(1, new byte[Nccl.ID_BYTES], 0));
        MemoryLayout struct = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(Nccl.ID_BYTES,
                ValueLayout.JAVA_BYTE));
        say("join into null", raw("ncclCommInitRank", FunctionDescriptor.of(ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, struct, ValueLayout.JAVA_INT), 0L, 1,
                Arena.global()
                        .allocate(struct),
                0));
        long zeros = Arena.global().allocate(1 << 24, 256).address();
        long comm = nccl.ncclCommInitRank(1, id, 0);
        ask("leave null", () -> nccl.ncclCommDestroy(0));
        ask("abort null", () -> nccl.ncclCommAbort(0));
        say("failure of null", raw("ncclCommGetAsyncError", 0, zeros));
        say("failure of no communicator", raw("ncclCommGetAsyncError", zeros, zeros));
        say("failure into null", raw("ncclCommGetAsyncError", comm, 0));
        ask("failure", () -> nccl.check(comm));
        long from = memory();
        long to = memory();
        for (long of : new long[] {0, zeros, comm}) {
            String whose = of == 0 ? " of null" : of == zeros ? " of no communicator" : "";
            ask("sum" + whose, () -> nccl.ncclAllReduce(from, to, 5, Nccl.FLOAT32, Nccl.SUM, of, stream));
            ask("broadcast" + whose, () -> nccl.ncclBroadcast(from, to, 5, Nccl.FLOAT32, 0, of, stream));
            ask("gathering" + whose, () -> nccl.ncclAllGather(from, to, 5, Nccl.FLOAT32, of, stream));
        }
        for (int type : new int[] {-1, 12, 100}) {
            ask("sum of type " + type, () -> nccl.ncclAllReduce(from, to, 5, type, Nccl.SUM, comm, stream));
            ask("broadcast of type " + type, () -> nccl.ncclBroadcast(from, to, 5, type, 0, comm, stream));
            ask("gathering of type " + type, () -> nccl.ncclAllGather(from, to, 5, type, comm, stream));
        }
        for (int type : new int[] {Nccl.BYTE, Nccl.FLOAT32, Nccl.FLOAT64}) {
            ask("broadcast of type " + type, () -> nccl.ncclBroadcast(from, to, 5, type, 0, comm, stream));
            ask("gathering of type " + type, () -> nccl.ncclAllGather(from, to, 5, type, comm, stream));
        }
        for (int operation : new int[] {-1, 5, 100}) {
            ask("operation " + operation, () -> nccl.ncclAllReduce(from, to, 5, Nccl.FLOAT32, operation, comm, stream));
        }
        for (int root : new int[] {-1, 0, 1}) {
            ask("broadcast from " + root, () -> nccl.ncclBroadcast(from, to, 5, Nccl.FLOAT64, root, comm, stream));
        }
        ask("in place", () -> nccl.ncclAllReduce(to, to, 5, Nccl.FLOAT64, Nccl.SUM, comm, stream));
        ask("sum of nothing", () -> nccl.ncclAllReduce(from, to, 0, Nccl.FLOAT32, Nccl.SUM, comm, stream));
        ask("sum of nothing at null", () -> nccl.ncclAllReduce(0, 0, 0, Nccl.FLOAT32, Nccl.SUM, comm, stream));
        ask("broadcast of nothing at null", () -> nccl.ncclBroadcast(0, 0, 0, Nccl.FLOAT32, 0, comm, stream));
        ask("gathering of nothing at null", () -> nccl.ncclAllGather(0, 0, 0, Nccl.FLOAT32, comm, stream));
        ask("failure", () -> nccl.check(comm));
        ask("leave", () -> nccl.ncclCommDestroy(comm));
        ask("abort", () -> nccl.ncclCommAbort(nccl.ncclCommInitRank(1, nccl.uniqueId(), 0)));
    }

    /** NVIDIA's text of each status. */
    @SuppressWarnings("restricted")
    private void texts() {
        FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.ADDRESS.withTargetLayout(MemoryLayout
                .sequenceLayout(200, ValueLayout.JAVA_BYTE)), ValueLayout.JAVA_INT);
        for (int status = 0; status < 9; status++) {
            say(String.valueOf(status), ((MemorySegment) raw("ncclGetErrorString", type, status)).getString(0));
        }
    }

    private static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }

    private void mean(String call, long from, long to, int count, int type, long comm) {
        System.out.println(call + ": sendbuff " + hex(from) + " recvbuff " + hex(to) + " count " + count + " datatype "
                + type + " op 0 root 0 comm " + hex(comm) + " [nranks=1] stream " + hex(stream));
    }

    /** Makes calls, and prints the lines that NVIDIA's log must have of them. */
    private void calls() {
        byte[] id = nccl.uniqueId();
        System.out.println("Invalid rank requested : 5/2");
        ask("join", () -> nccl.ncclCommInitRank(2, id, 5));
        long comm = nccl.ncclCommInitRank(1, id, 0);
        System.out.println("ncclCommInitRank comm " + hex(comm)
                + " rank 0 nranks 1 cudaDev 0 nvmlDev 0 busId 1f0 - Init COMPLETE");
        long[] at = {memory(), memory(), memory(), memory(), memory(), memory()};
        mean("AllReduce", at[0], at[1], 11, Nccl.FLOAT32, comm);
        ask("sum", () -> nccl.ncclAllReduce(at[0], at[1], 11, Nccl.FLOAT32, Nccl.SUM, comm, stream));
        mean("Broadcast", at[2], at[3], 12 * Double.BYTES, CHAR, comm);
        ask("broadcast", () -> nccl.ncclBroadcast(at[2], at[3], 12, Nccl.FLOAT64, 0, comm, stream));
        mean("AllGather", at[4], at[5], 13 * Float.BYTES, CHAR, comm);
        ask("gathering", () -> nccl.ncclAllGather(at[4], at[5], 13, Nccl.FLOAT32, comm, stream));
        System.out.println("AllReduce : invalid reduction operation -14");
        ask("operation", () -> nccl.ncclAllReduce(at[0], at[1], 1, Nccl.FLOAT32, -14, comm, stream));
        System.out.println("AllReduce : invalid type 15");
        ask("type", () -> nccl.ncclAllReduce(at[0], at[1], 1, 15, Nccl.SUM, comm, stream));
        System.out.println("Broadcast : invalid root 16 (root should be in the 0..1 range)");
        ask("root", () -> nccl.ncclBroadcast(at[0], at[1], 1, Nccl.BYTE, 16, comm, stream));
        System.out.println("Broadcast : invalid type 17");
        ask("type", () -> nccl.ncclBroadcast(at[0], at[1], 1, 17, 0, comm, stream));
        System.out.println("AllGather : invalid type 18");
        ask("type", () -> nccl.ncclAllGather(at[0], at[1], 1, 18, comm, stream));
        nccl.ncclCommDestroy(comm);
        System.out.println("comm " + hex(comm) + " rank 0 nranks 1 cudaDev 0 busId 1f0 - Destroy COMPLETE");
        long other = nccl.ncclCommInitRank(1, nccl.uniqueId(), 0);
        System.out.println("ncclCommInitRank comm " + hex(other)
                + " rank 0 nranks 1 cudaDev 0 nvmlDev 0 busId 1f0 - Init COMPLETE");
        nccl.ncclCommAbort(other);
        System.out.println("comm " + hex(other) + " rank 0 nranks 1 cudaDev 0 busId 1f0 - Abort COMPLETE");
    }

    /**
     * Has all ranks meet at the address in the environment, each in a thread of its own. One process holds them all: a
     * rank gives up after 20 seconds, and a second process may need longer to load the library.
     */
    private void join(int size) throws InterruptedException {
        CountDownLatch met = new CountDownLatch(size);
        for (int rank = 0; rank < size; rank++) {
            int number = rank;
            Thread.ofPlatform().daemon().start(() -> {
                ask("join", () -> nccl.ncclCommInitRank(size, nccl.addressId(), number));
                met.countDown();
            });
        }
        if (!met.await(MOST_SECONDS, TimeUnit.SECONDS)) {
            say("join", "nobody came");
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
