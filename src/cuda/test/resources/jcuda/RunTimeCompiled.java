import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.nvrtc.JNvrtc.nvrtcAddNameExpression;
import static jcuda.nvrtc.JNvrtc.nvrtcCompileProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcCreateProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcDestroyProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcGetCUBIN;
import static jcuda.nvrtc.JNvrtc.nvrtcGetCUBINSize;
import static jcuda.nvrtc.JNvrtc.nvrtcGetLoweredName;
import static jcuda.nvrtc.JNvrtc.nvrtcGetPTX;
import static jcuda.nvrtc.JNvrtc.nvrtcGetProgramLog;

import java.util.Arrays;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/** A program on JCuda alone that compiles its kernel when it runs, to PTX and to machine code, and a broken one. */
public class RunTimeCompiled {
    private static final String HEADER = "template <typename T> __device__ T doubled(T x) { return x + x; }\n";
    private static final String TEXT = """
            #include "doubled.h"
            template <typename T> __global__ void twice(T* x) { x[threadIdx.x] = doubled(x[threadIdx.x]) + ADDED; }
            extern "C" __global__ void plain(float* x) { x[threadIdx.x] = doubled(x[threadIdx.x]) + ADDED; }
            """;

    public static void main(String[] arguments) {
        JCudaDriver.setExceptionsEnabled(true);
        JNvrtc.setExceptionsEnabled(true);
        cuInit(0);
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        CUcontext context = new CUcontext();
        cuCtxCreate(context, 0, device);
        attempt("PTX", () -> {
            nvrtcProgram program = compiled(TEXT, "twice<float>", "--gpu-architecture=compute_80", "-DADDED=1");
            String[] ptx = new String[1];
            nvrtcGetPTX(program, ptx);
            String[] name = new String[1];
            nvrtcGetLoweredName(program, "twice<float>", name);
            CUmodule module = new CUmodule();
            cuModuleLoadData(module, ptx[0]);
            return name[0] + " gives " + run(module, name[0]);
        });
        attempt("machine code", () -> {
            nvrtcProgram program = compiled(TEXT, null, "--gpu-architecture=sm_90", "-DADDED=0.5f",
                    "--device-as-default-execution-space");
            long[] size = new long[1];
            nvrtcGetCUBINSize(program, size);
            byte[] image = new byte[(int) size[0]];
            nvrtcGetCUBIN(program, image);
            CUmodule module = new CUmodule();
            cuModuleLoadData(module, image);
            return run(module, "plain");
        });
        attempt("broken", () -> String.valueOf(
                compiled("__device__ int x = nowhere;\n", null, "--gpu-architecture=sm_90")));
        cuCtxDestroy(context);
    }

    private interface Work {
        String done();
    }

    private static void attempt(String title, Work work) {
        try {
            System.out.println(title + ": " + work.done());
        } catch (CudaException e) {
            System.out.println(title + ": " + e.getMessage());
        }
    }

    private static nvrtcProgram compiled(String text, String expression, String... options) {
        nvrtcProgram program = new nvrtcProgram();
        nvrtcCreateProgram(program, text, "own.cu", 1, new String[] {HEADER}, new String[] {"doubled.h"});
        try {
            if (expression != null) {
                nvrtcAddNameExpression(program, expression);
            }
            nvrtcCompileProgram(program, options.length, options);
            return program;
        } catch (CudaException e) {
            String[] log = new String[1];
            nvrtcGetProgramLog(program, log);
            System.out.println(log[0].lines().findFirst().orElse(""));
            nvrtcDestroyProgram(program);
            throw e;
        }
    }

    private static String run(CUmodule module, String kernel) {
        CUfunction function = new CUfunction();
        cuModuleGetFunction(function, module, kernel);
        float[] x = {1, 2, 3};
        CUdeviceptr buffer = new CUdeviceptr();
        cuMemAlloc(buffer, 12);
        cuMemcpyHtoD(buffer, Pointer.to(x), 12);
        cuLaunchKernel(function, 1, 1, 1, 3, 1, 1, 0, null, Pointer.to(Pointer.to(buffer)), null);
        cuMemcpyDtoH(Pointer.to(x), buffer, 12);
        return Arrays.toString(x);
    }
}
