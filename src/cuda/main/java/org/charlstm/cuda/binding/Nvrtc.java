package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import module java.base;
import org.charlstm.cuda.CompilationException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.StandIn;

/** The functions of NVRTC, NVIDIA's run-time compiler, that charlstm calls. */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface Nvrtc extends NvidiaLibrary {
    void nvrtcVersion(int[] major, int[] minor);

    long nvrtcCreateProgram(String source, String name, int headers, String[] texts, String[] names);

    void nvrtcDestroyProgram(long[] program);

    void nvrtcCompileProgram(long program, int count, String[] options);

    void nvrtcGetProgramLogSize(long program, long[] bytes);

    void nvrtcGetProgramLog(long program, MemorySegment log);

    /** Requests a C++ name of a kernel or variable, before the text is compiled. */
    void nvrtcAddNameExpression(long program, String expression);

    /** Tells the address of the mangled name of a requested C++ name. */
    void nvrtcGetLoweredName(long program, String expression, long[] name);

    void nvrtcGetCUBINSize(long program, long[] bytes);

    void nvrtcGetCUBIN(long program, MemorySegment code);

    @Override
    default String remedy() {
        return "install NVRTC of CUDA 12 or newer";
    }

    @Override
    default void start() {
        version();
    }

    @Override
    default CudaException failure(String call, int status) {
        return StatusTable.NVRTC.failure(call, status, "", "");
    }

    /** The version: 1000 x major + 10 x minor, as for the driver. */
    default int version() {
        int[] major = new int[1];
        int[] minor = new int[1];
        nvrtcVersion(major, minor);
        return 1000 * major[0] + 10 * minor[0];
    }

    /** A line on how a stand-in runs texts; empty for NVIDIA's own NVRTC, whose texts run as machine code. */
    default Optional<String> mode() {
        return StandIns.told(library().symbols(), StandIn::textModeFunction);
    }

    /** A CUBIN, and its mangled names by the requested names, such as {@code reduce<float, 256>}. */
    record Code(byte[] image, Map<String, String> names) {
    }

    /**
     * Compiles a source by nvrtcCompileProgram and the calls around it.
     *
     * @param options all options of the compiler; {@code --gpu-architecture} must name a real architecture, {@code sm_}
     * @throws CompilationException if the source does not compile, with the compiler's log
     */
    default Code compile(CudaSource source, List<String> options) {
        Map<String, String> headers = source.headers();
        long program = nvrtcCreateProgram(source.text(), source.name(), headers.size(),
                headers.values().toArray(String[]::new), headers.keySet().toArray(String[]::new));
        try {
            source.names().forEach(name -> nvrtcAddNameExpression(program, name));
            nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
            Map<String, String> names = new TreeMap<>();
            source.names().forEach(name -> names.put(name, loweredName(program, name)));
            return new Code(bytes(program, this::nvrtcGetCUBINSize, this::nvrtcGetCUBIN), names);
        } catch (CudaException e) {
            byte[] log = bytes(program, this::nvrtcGetProgramLogSize, this::nvrtcGetProgramLog);
            throw new CompilationException(source.name(), e, MemorySegment.ofArray(log).getString(0));
        } finally {
            nvrtcDestroyProgram(new long[] {program});
        }
    }

    private String loweredName(long program, String expression) {
        long[] name = new long[1];
        nvrtcGetLoweredName(program, expression, name);
        return NvidiaLibrary.textAt(name[0]);
    }

    private static byte[] bytes(long program, BiConsumer<Long, long[]> size, BiConsumer<Long, MemorySegment> content) {
        long[] length = new long[1];
        size.accept(program, length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(length[0]);
            content.accept(program, bytes);
            return bytes.toArray(JAVA_BYTE);
        }
    }
}
