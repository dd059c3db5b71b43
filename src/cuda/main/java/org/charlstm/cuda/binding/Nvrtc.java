package org.charlstm.cuda.binding;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.charlstm.cuda.CompilationException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.StandIn;

/**
 * NVIDIA's compiler of kernels at run time. Every method throws {@link CudaException} when NVRTC reports a status other
 * than 0.
 */
public interface Nvrtc {
    /** The file that was opened. */
    String place();

    /** nvrtcVersion: 1000 x major + 10 x minor, as of the driver. */
    int version();

    /**
     * Says for a person as which code a text runs.
     *
     * @return empty for NVIDIA's own, where it is machine code
     */
    default Optional<String> mode() {
        return Optional.empty();
    }

    /**
     * nvrtcCompileProgram, and all that goes with it.
     *
     * @param source  a text in CUDA C++
     * @param name    what the compiler calls it
     * @param headers what it includes, by name
     * @param options the compiler's; {@code --gpu-architecture} has to name a real architecture, {@code sm_}
     * @return a CUBIN: machine code for that architecture
     * @throws CompilationException if it does not compile, with the compiler's log
     */
    byte[] compile(String source, String name, Map<String, String> headers, List<String> options);

    /** A compilation out of NVRTC's functions, which a binding adds. */
    abstract class Functions implements Nvrtc {
        private final String place;

        /** For bindings, with the file that was opened. */
        protected Functions(String place) {
            this.place = place;
        }

        @Override
        public final String place() {
            return place;
        }

        /** A stand-in tells it by a function of its own. */
        @Override
        @SuppressWarnings("restricted")
        public final Optional<String> mode() {
            return StandIns.told(SymbolLookup.libraryLookup(place, Arena.global()), StandIn::textModeFunction);
        }

        /** nvrtcCreateProgram. */
        protected abstract long create(String source, String name, List<String> headers, List<String> headerNames);

        /** nvrtcCompileProgram. */
        protected abstract void compile(long program, List<String> options);

        /** nvrtcGetProgramLog. */
        protected abstract String log(long program);

        /** nvrtcGetCUBIN. */
        protected abstract byte[] cubin(long program);

        /** nvrtcDestroyProgram. */
        protected abstract void destroy(long program);

        /** A version as one number, as {@link #version} gives it. */
        protected static int version(int major, int minor) {
            return 1000 * major + 10 * minor;
        }

        @Override
        public final byte[] compile(String source, String name, Map<String, String> headers, List<String> options) {
            Map<String, String> sorted = new TreeMap<>(headers);
            long program = create(source, name, List.copyOf(sorted.values()), List.copyOf(sorted.keySet()));
            try {
                compile(program, options);
                return cubin(program);
            } catch (CudaException e) {
                throw new CompilationException(name, e, log(program));
            } finally {
                destroy(program);
            }
        }
    }
}
