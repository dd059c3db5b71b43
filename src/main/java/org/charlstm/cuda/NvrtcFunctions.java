package org.charlstm.cuda;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What every binding of NVRTC makes of its functions in the same way. A binding adds the functions. */
public abstract class NvrtcFunctions implements Nvrtc {
    /** For bindings. */
    protected NvrtcFunctions() {
    }

    /**
     * nvrtcCreateProgram.
     *
     * @param source      a text in CUDA C++
     * @param name        what the compiler calls it
     * @param headers     the texts that it includes
     */
    protected abstract long create(String source, String name, List<String> headers, List<String> headerNames);

    /**
     * nvrtcCompileProgram.
     *
     * @param program from {@link #create}
     */
    protected abstract void compile(long program, List<String> options);

    /**
     * nvrtcGetProgramLog.
     *
     * @param program from {@link #create}
     */
    protected abstract String log(long program);

    /** nvrtcGetCUBIN. */
    protected abstract byte[] cubin(long program);

    /**
     * nvrtcDestroyProgram.
     *
     * @param program from {@link #create}
     */
    protected abstract void destroy(long program);

    /**
     * A version as one number.
     *
     * @param minor its second part
     * @return 1000 x major + 10 x minor
     */
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
