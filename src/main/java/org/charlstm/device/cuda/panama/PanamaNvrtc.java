package org.charlstm.device.cuda.panama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.charlstm.CharlstmException;
import org.charlstm.device.cuda.binding.CompilationException;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.binding.LibraryFinder;
import org.charlstm.device.cuda.binding.Nvrtc;
import org.charlstm.device.cuda.binding.NvrtcStatus;
import org.charlstm.device.cuda.panama.NativeFunctions.Function;

/** NVRTC through java.lang.foreign. */
public final class PanamaNvrtc implements Nvrtc {
    private static final int CUDA_13 = 13000;

    private final String place;
    private final Function version;
    private final Function createProgram;
    private final Function destroyProgram;
    private final Function compileProgram;
    private final Function getProgramLogSize;
    private final Function getProgramLog;
    private final Function getCubinSize;
    private final Function getCubin;

    /**
     * Binds a library that was found.
     *
     * @param library where
     * @throws CharlstmException if there is none, or if it lacks a function
     */
    public PanamaNvrtc(LibraryFinder.Found library) {
        NativeFunctions functions = new NativeFunctions(library, NvrtcStatus::check);
        place = library.place();
        version = functions.required("nvrtcVersion", "pp");
        createProgram = functions.required("nvrtcCreateProgram", "pppipp");
        destroyProgram = functions.required("nvrtcDestroyProgram", "p");
        compileProgram = functions.required("nvrtcCompileProgram", "lip");
        getProgramLogSize = functions.required("nvrtcGetProgramLogSize", "lp");
        getProgramLog = functions.required("nvrtcGetProgramLog", "lp");
        getCubinSize = functions.required("nvrtcGetCUBINSize", "lp");
        getCubin = functions.required("nvrtcGetCUBIN", "lp");
        functions.requireAll("install NVRTC of CUDA 12 or newer");
    }

    /**
     * The library. One that is newer than the driver's CUDA makes code that the driver may not load.
     *
     * @param driverVersion 1000 x major + 10 x minor
     * @return what to look for
     */
    public static LibraryFinder.Wanted library(int driverVersion) {
        List<String> names = driverVersion < CUDA_13 ? List.of("libnvrtc.so.12")
                : List.of("libnvrtc.so.13", "libnvrtc.so.12");
        return new LibraryFinder.Wanted(names, "CHARLSTM_LIBNVRTC", "libnvrtc-builtins", true);
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public int version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment major = arena.allocate(JAVA_INT);
            MemorySegment minor = arena.allocate(JAVA_INT);
            version.call(major, minor);
            return 1000 * major.get(JAVA_INT, 0) + 10 * minor.get(JAVA_INT, 0);
        }
    }

    @Override
    public byte[] compile(String source, String name, Map<String, String> headers, List<String> options) {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, String> sorted = new TreeMap<>(headers);
            long program = createProgram.longResult(arena.allocateFrom(source), arena.allocateFrom(name),
                    sorted.size(), texts(arena, sorted.values()), texts(arena, sorted.keySet()));
            try {
                compileProgram.call(program, options.size(), texts(arena, options));
                return bytes(program, getCubinSize, getCubin);
            } catch (CudaException e) {
                throw new CompilationException(name, e, log(program));
            } finally {
                destroyProgram.call(arena.allocateFrom(JAVA_LONG, program));
            }
        }
    }

    private String log(long program) {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocateFrom(JAVA_BYTE, bytes(program, getProgramLogSize, getProgramLog)).getString(0);
        }
    }

    private static byte[] bytes(long program, Function size, Function content) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocate(JAVA_LONG);
            size.call(program, length);
            MemorySegment bytes = arena.allocate(length.get(JAVA_LONG, 0));
            content.call(program, bytes);
            return bytes.toArray(JAVA_BYTE);
        }
    }

    private static MemorySegment texts(Arena arena, Collection<String> texts) {
        MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, texts.size()));
        int i = 0;
        for (String text : texts) {
            pointers.setAtIndex(ADDRESS, i++, arena.allocateFrom(text));
        }
        return pointers;
    }
}
