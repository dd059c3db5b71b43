package org.charlstm.cuda.jcuda;

import java.util.List;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import org.charlstm.cuda.binding.Nvrtc;
import org.charlstm.cuda.binding.StatusTable;

/** NVRTC of CUDA 12 through JCuda. */
final class JcudaNvrtc extends Nvrtc.Functions {
    JcudaNvrtc(String place) {
        super(place);
        JNvrtc.setExceptionsEnabled(false);
        version();
    }

    private static void check(String call, int status) {
        StatusTable.NVRTC.check(call, status);
    }

    private static nvrtcProgram program(long program) {
        return Address.in(new nvrtcProgram(), program);
    }

    @Override
    public int version() {
        int[] major = new int[1];
        int[] minor = new int[1];
        check("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor));
        return version(major[0], minor[0]);
    }

    @Override
    protected long create(String source, String name, List<String> headers, List<String> headerNames) {
        nvrtcProgram program = new nvrtcProgram();
        check("nvrtcCreateProgram", JNvrtc.nvrtcCreateProgram(program, source, name, headers.size(),
                headers.toArray(String[]::new), headerNames.toArray(String[]::new)));
        return Address.of(program);
    }

    @Override
    protected void compile(long program, List<String> options) {
        check("nvrtcCompileProgram",
                JNvrtc.nvrtcCompileProgram(program(program), options.size(), options.toArray(String[]::new)));
    }

    @Override
    protected String log(long program) {
        String[] log = new String[1];
        check("nvrtcGetProgramLog", JNvrtc.nvrtcGetProgramLog(program(program), log));
        return log[0];
    }

    @Override
    protected byte[] cubin(long program) {
        long[] size = new long[1];
        check("nvrtcGetCUBINSize", JNvrtc.nvrtcGetCUBINSize(program(program), size));
        byte[] code = new byte[Math.toIntExact(size[0])];
        check("nvrtcGetCUBIN", JNvrtc.nvrtcGetCUBIN(program(program), code));
        return code;
    }

    @Override
    protected void destroy(long program) {
        check("nvrtcDestroyProgram", JNvrtc.nvrtcDestroyProgram(program(program)));
    }
}
