package org.charlstm.cuda;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.charlstm.CharlstmException;

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

    /** A text that does not compile: the message has the log's first error, the whole log is beside it. */
    final class CompilationException extends CharlstmException {
        private static final long serialVersionUID = 1;

        private final String log;

        private CompilationException(String name, CudaException failure, String log) {
            super("cannot compile " + name + ": " + firstError(log) + failure.getMessage(), failure);
            this.log = log;
        }

        private static String firstError(String log) {
            return log.lines().filter(line -> line.contains("error")).findFirst().map(line -> line.strip() + "; ")
                    .orElse("");
        }

        /** The compiler's log, of many lines or empty. */
        public String log() {
            return log;
        }
    }

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
