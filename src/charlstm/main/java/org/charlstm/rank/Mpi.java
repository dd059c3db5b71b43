package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.cuda.NativeLibrary;
import org.charlstm.rank.MpiLibrary.Function;

/**
 * A binding of MPI through java.lang.foreign. Libraries have the same calls, but different handles: in Open MPI a
 * handle is the address of a symbol; in MPICH, and in libraries with its binary interface, a 32-bit number. The
 * constants come from each library's {@code mpi.h}.
 */
final class Mpi {
    private static final int THREAD_SERIALIZED = 2;
    private static final int MAX_TEXT = 8192;

    /** The two binary interfaces, each with the letter of a handle's kind, MPI_ANY_SOURCE and MPI_STATUS_IGNORE. */
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

    /** Ranks that exchange messages; the handle is a {@code Long} for Open MPI, an {@code Integer} for MPICH. */
    record Communicator(Number handle) {
    }

    /** The types of elements, with their handles in MPICH. */
    enum Type {
        BYTE(0x4c00010d), FLOAT(0x4c00040a), DOUBLE(0x4c00080b);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    record Request(MemorySegment handle, MemorySegment flag) {
    }

    private static volatile boolean started;

    final String place;
    private final String version;
    private final SymbolLookup symbols;
    private final Abi abi;
    /** The pointer that says that a status is not wanted. */
    private final MemorySegment ignore;
    private final Communicator world;
    private final Map<Type, Number> types = new EnumMap<>(Type.class);
    /** The error handler by which calls return their status instead of ending the job. */
    private final Number errorsReturn;
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
    private final Function test;
    private final Function send;
    private final Function probe;
    private final Function receive;

    Mpi(NativeLibrary library) {
        MpiLibrary functions = new MpiLibrary(library, this::check, new ArrayList<>());
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
        test = functions.required("MPI_Test", "ppp");
        send = functions.required("MPI_Isend", kinds("pihiihp"));
        probe = functions.required("MPI_Iprobe", kinds("iihpp"));
        receive = functions.required("MPI_Recv", kinds("pihiihp"));
        functions.requireAll("install Open MPI or MPICH of MPI 3 or newer");
        version = text(libraryVersion);
        Refuse.inputIf(abi == Abi.MPICH && !version.matches("(?is).*(mpich|intel\\(r\\) mpi|mvapich|cray).*"),
                place + " is neither Open MPI nor MPICH but '" + title() + "'; name the launcher's library in "
                        + "CHARLSTM_LIBMPI");
        ignore = MemorySegment.ofAddress(abi.ignore);
        world = new Communicator(handle("ompi_mpi_comm_world", 0x44000000));
        for (Type type : Type.values()) {
            types.put(type, handle("ompi_mpi_" + type.name().toLowerCase(Locale.ROOT), type.number));
        }
        errorsReturn = handle("ompi_mpi_errors_return", 0x54000001);
    }

    private String kinds(String kinds) {
        return kinds.replace('h', abi.handle);
    }

    /** A handle: {@code number} in MPICH, the address of {@code symbol} in Open MPI. */
    private Number handle(String symbol, int number) {
        if (abi == Abi.MPICH) {
            return number;
        }
        return symbols.find(symbol).map(MemorySegment::address)
                .orElseThrow(() -> new CharlstmException(place + " lacks " + symbol + "; install Open MPI 4 or 5"));
    }

    private Number handle(Type type) {
        return Objects.requireNonNull(types.get(type), "every type has a handle");
    }

    /** Turns a status other than 0 into an exception, with MPI's text for it if MPI has started. */
    private void check(String call, int status) {
        if (status != 0) {
            String why = "status " + status;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment words = arena.allocate(MAX_TEXT);
                if (errorString.invoke(status, words, arena.allocate(ValueLayout.JAVA_INT)) == 0) {
                    why += ", " + words.getString(0);
                }
            }
            throw new CharlstmException(call + " of " + place + " failed (" + why
                    + "); what the launcher printed may say more");
        }
    }

    private static String text(Function function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(MAX_TEXT);
            function.call(words, arena.allocate(ValueLayout.JAVA_INT));
            return words.getString(0);
        }
    }

    /** The library's name and version, for example {@code Open MPI v5.0.7}. */
    String title() {
        // MPICH gives one line for each part; Open MPI gives all parts in one line, separated by commas.
        String first = version.lines().findFirst().orElse("").replaceFirst(",.*", "");
        return first.replaceAll("\\s+", " ").replace("Version: ", "").strip();
    }

    /** Starts MPI, at most once in a process. From then on, MPI's errors become exceptions. */
    void start() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment provided = arena.allocate(ValueLayout.JAVA_INT);
            started = true;
            init.call(MemorySegment.NULL, MemorySegment.NULL, THREAD_SERIALIZED, provided);
            Refuse.inputIf(provided.get(ValueLayout.JAVA_INT, 0) < THREAD_SERIALIZED,
                    place + " was built without threads (MPI_THREAD_SERIALIZED); install one that has them");
        }
        setErrorHandler.call(world.handle, errorsReturn);
    }

    /** Whether MPI has been started in this process. */
    static boolean hasStarted() {
        return started;
    }

    void finish() {
        finish.call();
    }

    /** Ends all ranks, and does not return. */
    void abort(int code) {
        abort.invoke(world.handle, code);
    }

    /** A new communicator of all ranks. Its messages never mix with another communicator's messages. */
    Communicator duplicate() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
            commDup.call(world.handle, result);
            Number duplicate = abi == Abi.OPEN_MPI ? (Number) result.get(ValueLayout.JAVA_LONG, 0)
                    : (Number) result.get(ValueLayout.JAVA_INT, 0);
            setErrorHandler.call(duplicate, errorsReturn);
            return new Communicator(duplicate);
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
            function.call(world.handle, result);
            return result.get(ValueLayout.JAVA_INT, 0);
        }
    }

    String host() {
        return text(processorName);
    }

    /** A request without an operation. */
    static Request request(Arena arena) {
        return new Request(arena.allocate(ValueLayout.JAVA_LONG), arena.allocate(ValueLayout.JAVA_INT));
    }

    /** All-to-all: sends part r to rank r, and receives rank r's part for this rank as part r. */
    void allToAll(MemorySegment from, MemorySegment to, int part, Type type, Communicator communicator,
            Request request) {
        Number of = handle(type);
        allToAll.call(from, part, of, to, part, of, communicator.handle, request.handle);
    }

    /** All-gather: gives every rank the elements of all ranks, in the order of the ranks. */
    void allGather(MemorySegment from, MemorySegment to, int part, Type type, Communicator communicator,
            Request request) {
        Number of = handle(type);
        allGather.call(from, part, of, to, part, of, communicator.handle, request.handle);
    }

    boolean done(Request request) {
        test.call(request.handle, request.flag, ignore);
        return request.flag.get(ValueLayout.JAVA_INT, 0) != 0;
    }

    void send(MemorySegment message, int to, Communicator communicator, Request request) {
        send.call(message, (int) message.byteSize(), handle(Type.BYTE), to, 0, communicator.handle, request.handle);
    }

    /** Receives a message from any rank, if one has arrived. Returns whether one had. */
    boolean receive(MemorySegment message, Communicator communicator, Request request) {
        probe.call(abi.anySource, 0, communicator.handle, request.flag, ignore);
        boolean here = request.flag.get(ValueLayout.JAVA_INT, 0) != 0;
        if (here) {
            receive.call(message, (int) message.byteSize(), handle(Type.BYTE), abi.anySource, 0, communicator.handle,
                    ignore);
        }
        return here;
    }
}
