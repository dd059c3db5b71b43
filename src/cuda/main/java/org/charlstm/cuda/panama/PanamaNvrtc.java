package org.charlstm.cuda.panama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.Nvrtc;
import org.charlstm.cuda.binding.StatusTable;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** NVRTC through java.lang.foreign. */
public final class PanamaNvrtc extends Nvrtc.Functions {
    private final LibrarySearch.Found library;
    @SuppressWarnings("NullAway") // The constructor sets the library first.
    private final NativeFunctions functions = new NativeFunctions(library, StatusTable.NVRTC::check);
    private final Function version = functions.required("nvrtcVersion", "pp");
    private final Function createProgram = functions.required("nvrtcCreateProgram", "pppipp");
    private final Function destroyProgram = functions.required("nvrtcDestroyProgram", "p");
    private final Function compileProgram = functions.required("nvrtcCompileProgram", "lip");
    private final Function getProgramLogSize = functions.required("nvrtcGetProgramLogSize", "lp");
    private final Function getProgramLog = functions.required("nvrtcGetProgramLog", "lp");
    private final Function getCubinSize = functions.required("nvrtcGetCUBINSize", "lp");
    private final Function getCubin = functions.required("nvrtcGetCUBIN", "lp");

    /**
     * Binds a library that was found.
     *
     * @param library where
     * @throws CharlstmException if there is none, or if it lacks a function
     */
    public PanamaNvrtc(LibrarySearch.Found library) {
        this.library = library;
        super(library.place());
        functions.requireAll("install NVRTC of CUDA 12 or newer");
    }

    @Override
    public int version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment major = arena.allocate(JAVA_INT);
            MemorySegment minor = arena.allocate(JAVA_INT);
            version.call(major, minor);
            return version(major.get(JAVA_INT, 0), minor.get(JAVA_INT, 0));
        }
    }

    @Override
    protected long create(String source, String name, List<String> headers, List<String> headerNames) {
        try (Arena arena = Arena.ofConfined()) {
            return createProgram.longResult(arena.allocateFrom(source), arena.allocateFrom(name), headers.size(),
                    texts(arena, headers), texts(arena, headerNames));
        }
    }

    @Override
    protected void compile(long program, List<String> options) {
        try (Arena arena = Arena.ofConfined()) {
            compileProgram.call(program, options.size(), texts(arena, options));
        }
    }

    @Override
    protected String log(long program) {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocateFrom(JAVA_BYTE, bytes(program, getProgramLogSize, getProgramLog)).getString(0);
        }
    }

    @Override
    protected byte[] cubin(long program) {
        return bytes(program, getCubinSize, getCubin);
    }

    @Override
    protected void destroy(long program) {
        try (Arena arena = Arena.ofConfined()) {
            destroyProgram.call(arena.allocateFrom(JAVA_LONG, program));
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

    private static MemorySegment texts(Arena arena, List<String> texts) {
        MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, texts.size()));
        int i = 0;
        for (String text : texts) {
            pointers.setAtIndex(ADDRESS, i++, arena.allocateFrom(text));
        }
        return pointers;
    }
}
