package org.charlstm.cuda.panama;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.panama.NativeFunctions.Function;
import org.charlstm.cuda.panama.NativeFunctions.Statuses;
import org.jspecify.annotations.Nullable;

/** Functions of CUDA's driver that drivers before CUDA 12 lack, and JCuda too. Those who do not call them need none. */
public final class RecentFunctions {
    private static final int INVALID_VALUE = 1;
    /** CUgraphExecUpdateResultInfo. */
    private static final long UPDATE_RESULT_BYTES = 24;

    private final LibrarySearch.Found library;
    private final NativeFunctions functions;
    // From CUDA 11.8, 12.0 and 12.4 on.
    private final Function launchKernelEx;
    private final Function graphExecUpdate;
    private final Function funcGetParamInfo;

    /** Binds the driver that was found; statuses are checked by its binding. */
    public RecentFunctions(LibrarySearch.Found library, Statuses statuses) {
        this.library = library;
        functions = new NativeFunctions(library, statuses);
        launchKernelEx = functions.optional("cuLaunchKernelEx", "plpp");
        graphExecUpdate = functions.optional("cuGraphExecUpdate_v2", "llp");
        funcGetParamInfo = functions.optional("cuFuncGetParamInfo", "llpp");
    }

    private Function present(Function function) {
        if (!function.present()) {
            throw new CharlstmException(library.place() + " has no " + function.name()
                    + "; update the GPU driver to CUDA 12 or newer");
        }
        return function;
    }

    /** As {@link CudaDriver#launch}. */
    public void launch(long function, Grid grid, long stream, MemorySegment arguments) {
        ExactCalls.plpp(present(launchKernelEx), LaunchConfiguration.of(grid, stream), function, arguments,
                MemorySegment.NULL);
    }

    /** As {@link CudaDriver#update}. */
    public boolean update(long executable, long graph) {
        try (Arena arena = Arena.ofConfined()) {
            int status = present(graphExecUpdate).status(executable, graph, arena.allocate(UPDATE_RESULT_BYTES, 8));
            if (status == CudaDriver.GRAPH_EXEC_UPDATE_FAILURE) {
                return false;
            }
            graphExecUpdate.check(status);
            return true;
        }
    }

    /** As {@link CudaDriver#parameterSizes}. */
    public int @Nullable [] parameterSizes(long function) {
        if (!funcGetParamInfo.present()) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment offset = arena.allocate(JAVA_LONG);
            MemorySegment size = arena.allocate(JAVA_LONG);
            IntStream.Builder sizes = IntStream.builder();
            int status = 0;
            for (long i = 0; status == 0; i++) {
                status = funcGetParamInfo.status(function, i, offset, size);
                if (status == 0) {
                    sizes.add(Math.toIntExact(size.get(JAVA_LONG, 0)));
                }
            }
            // Past the last there is none.
            if (status != INVALID_VALUE) {
                funcGetParamInfo.check(status);
            }
            return sizes.build().toArray();
        }
    }
}
