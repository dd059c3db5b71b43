package org.charlstm.cuda.panama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.Nccl;
import org.charlstm.cuda.binding.StatusTable;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** NCCL through java.lang.foreign. */
public final class PanamaNccl implements Nccl {
    /** It is passed by value. */
    private static final StructLayout ID = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(ID_BYTES, JAVA_BYTE));

    private final LibrarySearch.Found library;
    @SuppressWarnings("NullAway") // The constructor sets the library first.
    private final NativeFunctions functions = new NativeFunctions(library, this::check);
    private final Function getVersion = functions.required("ncclGetVersion", "p");
    private final Function getUniqueId = functions.required("ncclGetUniqueId", "p");
    // From 2.13 on.
    private final Function getLastError =
            functions.bind("ncclGetLastError", FunctionDescriptor.of(NativeFunctions.TEXT, ADDRESS));
    private final Function commInitRank = functions.required(
            functions.bind("ncclCommInitRank", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ID, JAVA_INT)));
    private final Function commGetAsyncError = functions.required("ncclCommGetAsyncError", "lp");
    private final Function commDestroy = functions.required("ncclCommDestroy", "l");
    private final Function commAbort = functions.required("ncclCommAbort", "l");
    private final Function allReduce = functions.required("ncclAllReduce", "llliill");
    private final Function broadcast = functions.required("ncclBroadcast", "llliill");
    private final Function allGather = functions.required("ncclAllGather", "lllill");

    /**
     * Binds a library that was found.
     *
     * @param library where
     * @throws org.charlstm.CharlstmException if there is none, or if it lacks a function
     */
    public PanamaNccl(LibrarySearch.Found library) {
        this.library = library;
        super();
        functions.requireAll("install NCCL 2.9 or newer");
    }

    private void check(String call, int status) {
        if (status != 0) {
            String detail = getLastError.present()
                    ? ((MemorySegment) getLastError.invoke(MemorySegment.NULL)).getString(0).strip() : "";
            throw StatusTable.NCCL.failure(call, status, "", detail);
        }
    }

    @Override
    public String place() {
        return library.place();
    }

    @Override
    public int version() {
        return getVersion.intResult();
    }

    @Override
    public byte[] uniqueId() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment id = arena.allocate(ID);
            getUniqueId.call(id);
            return id.toArray(JAVA_BYTE);
        }
    }

    @Override
    public long join(int size, byte[] id, int rank) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = arena.allocate(ID);
            MemorySegment.copy(id, 0, struct, JAVA_BYTE, 0, ID_BYTES);
            return commInitRank.longResult(size, struct, rank);
        }
    }

    @Override
    public void allReduce(long send, long receive, long count, int type, int operation, long communicator,
            long stream) {
        allReduce.call(send, receive, count, type, operation, communicator, stream);
    }

    @Override
    public void broadcast(long send, long receive, long count, int type, int root, long communicator, long stream) {
        broadcast.call(send, receive, count, type, root, communicator, stream);
    }

    @Override
    public void allGather(long send, long receive, long count, int type, long communicator, long stream) {
        allGather.call(send, receive, count, type, communicator, stream);
    }

    @Override
    public void check(long communicator) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment failure = arena.allocate(JAVA_INT);
            commGetAsyncError.call(communicator, failure);
            check("an operation of NCCL", failure.get(JAVA_INT, 0));
        }
    }

    @Override
    public void leave(long communicator) {
        commDestroy.call(communicator);
    }

    @Override
    public void abort(long communicator) {
        commAbort.call(communicator);
    }
}
