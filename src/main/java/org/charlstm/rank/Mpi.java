package org.charlstm.rank;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.LibrarySearch;
import org.charlstm.cuda.panama.NativeFunctions;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/**
 * MPI through java.lang.foreign. Its calls are the same everywhere, but not what they are given: in Open MPI a handle
 * is the address of a symbol, in MPICH, and in all that keep to its binary interface, a number of 32 bits. The values
 * are those of their {@code mpi.h}.
 */
final class Mpi {
    private static final int THREAD_SERIALIZED = 2;
    private static final int MOST_TEXT = 8192;

    /** What differs between the two binary interfaces. */
    private enum Abi {
        OPEN_MPI('l', -1, 0), MPICH('i', -2, 1);

        private final char handle;
        private final int anySource;
        private final long ignore;

        Abi(char handle, int anySource, long ignore) {
            this.handle = handle;
            this.anySource = anySource;
            this.ignore = ignore;
        }
    }

    /** Something to wait for. */
    record Request(MemorySegment handle, MemorySegment flag) {
    }

    private static volatile boolean started;

    private final String place;
    private final String version;
    private final SymbolLookup symbols;
    private final Abi abi;
    /** What stands for a status that nobody asks for. */
    private final MemorySegment ignore;
    private final Object world;
    private final Object bytes;
    private final Object floats;
    private final Object doubles;
    private final Object errorsReturn;
    private final Function init;
    private final Function finish;
    private final Function abort;
    private final Function commRank;
    private final Function commSize;
    private final Function commDup;
    private final Function setErrorHandler;
    private final Function errorString;
    private final Function processorName;
    private final Function allToAll;
    private final Function allGather;
    private final Function broadcast;
    private final Function barrier;
    private final Function test;
    private final Function send;
    private final Function probe;
    private final Function receive;

    /** Binds a library that was found. */
    Mpi(LibrarySearch.Found library) {
        NativeFunctions functions = new NativeFunctions(library, this::check);
        place = library.place();
        symbols = library.symbols();
        abi = symbols.find("ompi_mpi_comm_world").isPresent() ? Abi.OPEN_MPI : Abi.MPICH;
        Function libraryVersion = functions.required("MPI_Get_library_version", "pp");
        init = functions.required("MPI_Init_thread", "ppip");
        finish = functions.required("MPI_Finalize", "");
        abort = functions.required("MPI_Abort", kinds("hi"));
        commRank = functions.required("MPI_Comm_rank", kinds("hp"));
        commSize = functions.required("MPI_Comm_size", kinds("hp"));
        commDup = functions.required("MPI_Comm_dup", kinds("hp"));
        setErrorHandler = functions.required("MPI_Comm_set_errhandler", kinds("hh"));
        errorString = functions.required("MPI_Error_string", "ipp");
        processorName = functions.required("MPI_Get_processor_name", "pp");
        allToAll = functions.required("MPI_Ialltoall", kinds("pihpihhp"));
        allGather = functions.required("MPI_Iallgather", kinds("pihpihhp"));
        broadcast = functions.required("MPI_Ibcast", kinds("pihihp"));
        barrier = functions.required("MPI_Ibarrier", kinds("hp"));
        test = functions.required("MPI_Test", "ppp");
        send = functions.required("MPI_Isend", kinds("pihiihp"));
        probe = functions.required("MPI_Iprobe", kinds("iihpp"));
        receive = functions.required("MPI_Recv", kinds("pihiihp"));
        functions.requireAll("install Open MPI or MPICH of MPI 3 or newer");
        version = text(libraryVersion);
        if (abi == Abi.MPICH && !version.matches("(?is).*(mpich|intel\\(r\\) mpi|mvapich|cray).*")) {
            throw new CharlstmException(place + " is neither Open MPI nor MPICH but '" + title()
                    + "'; name the launcher's library in CHARLSTM_LIBMPI");
        }
        ignore = MemorySegment.ofAddress(abi.ignore);
        world = handle("ompi_mpi_comm_world", 0x44000000);
        bytes = handle("ompi_mpi_byte", 0x4c00010d);
        floats = handle("ompi_mpi_float", 0x4c00040a);
        doubles = handle("ompi_mpi_double", 0x4c00080b);
        errorsReturn = handle("ompi_mpi_errors_return", 0x54000001);
    }

    private String kinds(String kinds) {
        return kinds.replace('h', abi.handle);
    }

    private Object handle(String symbol, int number) {
        return abi == Abi.MPICH ? (Object) number : symbols.find(symbol).map(MemorySegment::address)
                .orElseThrow(() -> new CharlstmException(place + " lacks " + symbol + "; install Open MPI 4 or 5"));
    }

    /** Turns a status other than 0 into an exception; before MPI has started it has no words for it. */
    private void check(String call, int status) {
        if (status != 0) {
            String why = "status " + status;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment words = arena.allocate(MOST_TEXT);
                if ((int) errorString.invoke(status, words, arena.allocate(ValueLayout.JAVA_INT)) == 0) {
                    why += ", " + words.getString(0);
                }
            }
            throw new CharlstmException(call + " of " + place + " failed (" + why
                    + "); what the launcher printed may say more");
        }
    }

    private static String text(Function function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(MOST_TEXT);
            function.call(words, arena.allocate(ValueLayout.JAVA_INT));
            return words.getString(0);
        }
    }

    /** Where it was found. */
    String place() {
        return place;
    }

    /** Whose it is and which version, for example {@code Open MPI v5.0.7}. */
    String title() {
        // MPICH gives a line for each of its parts, Open MPI all in one, with commas.
        String first = version.lines().findFirst().orElse("").replaceFirst(",.*", "");
        return first.replaceAll("\\s+", " ").replace("Version: ", "").strip();
    }

    /** Starts MPI, once in a process; from then on errors come back as exceptions. */
    void start() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment provided = arena.allocate(ValueLayout.JAVA_INT);
            started = true;
            init.call(MemorySegment.NULL, MemorySegment.NULL, THREAD_SERIALIZED, provided);
            if (provided.get(ValueLayout.JAVA_INT, 0) < THREAD_SERIALIZED) {
                throw new CharlstmException(place + " was built without threads (MPI_THREAD_SERIALIZED); install one "
                        + "that has them");
            }
        }
        setErrorHandler.call(world, errorsReturn);
    }

    /** Whether it has been started in this process, in which it can be only once. */
    static boolean hasStarted() {
        return started;
    }

    void finish() {
        finish.call();
    }

    /** Ends all ranks; it does not return. */
    void abort(int code) {
        abort.invoke(world, code);
    }

    Object world() {
        return world;
    }

    /** The same ranks, whose messages never meet those of others. */
    Object duplicate() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
            commDup.call(world, result);
            Object duplicate = abi == Abi.OPEN_MPI ? (Object) result.get(ValueLayout.JAVA_LONG, 0)
                    : (Object) result.get(ValueLayout.JAVA_INT, 0);
            setErrorHandler.call(duplicate, errorsReturn);
            return duplicate;
        }
    }

    int rank() {
        return number(commRank);
    }

    int size() {
        return number(commSize);
    }

    private int number(Function function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ValueLayout.JAVA_INT);
            function.call(world, result);
            return result.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** The host's name. */
    String host() {
        return text(processorName);
    }

    /** A request that nothing has been asked with. */
    static Request request(Arena arena) {
        return new Request(arena.allocate(ValueLayout.JAVA_LONG), arena.allocate(ValueLayout.JAVA_INT));
    }

    /** Part r of this rank's goes to rank r, and its part for this one comes as part r. */
    void allToAllFloats(MemorySegment from, MemorySegment to, int part, Object communicator, Request request) {
        allToAll.call(from, part, floats, to, part, floats, communicator, request.handle);
    }

    /** What each has comes to all, by rank. */
    void allGatherFloats(MemorySegment from, MemorySegment to, int part, Object communicator, Request request) {
        allGather.call(from, part, floats, to, part, floats, communicator, request.handle);
    }

    void allGatherDoubles(MemorySegment from, MemorySegment to, int part, Object communicator, Request request) {
        allGather.call(from, part, doubles, to, part, doubles, communicator, request.handle);
    }

    void allGatherBytes(MemorySegment from, MemorySegment to, int part, Object communicator, Request request) {
        allGather.call(from, part, bytes, to, part, bytes, communicator, request.handle);
    }

    /** What rank 0 has comes to all. */
    void broadcastBytes(MemorySegment buffer, int count, Object communicator, Request request) {
        broadcast.call(buffer, count, bytes, 0, communicator, request.handle);
    }

    void barrier(Object communicator, Request request) {
        barrier.call(communicator, request.handle);
    }

    /** Whether what was asked for is done. */
    boolean done(Request request) {
        test.call(request.handle, request.flag, ignore);
        return request.flag.get(ValueLayout.JAVA_INT, 0) != 0;
    }

    void send(MemorySegment message, int to, Object communicator, Request request) {
        send.call(message, (int) message.byteSize(), bytes, to, 0, communicator, request.handle);
    }

    /** Takes a message from anybody, if one is here. */
    boolean receive(MemorySegment message, Object communicator, Request request) {
        probe.call(abi.anySource, 0, communicator, request.flag, ignore);
        boolean here = request.flag.get(ValueLayout.JAVA_INT, 0) != 0;
        if (here) {
            receive.call(message, (int) message.byteSize(), bytes, abi.anySource, 0, communicator, ignore);
        }
        return here;
    }
}
