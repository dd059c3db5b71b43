import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasSgemm;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_N;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_T;
import static jcuda.nvrtc.JNvrtc.nvrtcCompileProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcCreateProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcDestroyProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcGetPTX;

import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/**
 * As JCuda's samples do: a product by JCublas against a kernel that JNvrtc compiles, and a sum and a dot product by
 * JCublas. It ends with 0 if all that is simulated is right.
 */
public class Products {
    private static final int M = 5;
    private static final int N = 7;
    private static final int K = 9;
    private static final String KERNEL = """
            extern "C" __global__ void multiply(const float* a, const float* b, float* c, int m, int n, int k) {
              int row = blockIdx.x * blockDim.x + threadIdx.x, column = blockIdx.y * blockDim.y + threadIdx.y;
              if (row >= m || column >= n) return;
              float sum = 0;
              for (int i = 0; i < k; i++) sum += a[row + i * m] * b[column + i * n];
              c[row + column * m] = 2 * sum + 3 * c[row + column * m];
            }
            """;

    public static void main(String[] arguments) {
        JCudaDriver.setExceptionsEnabled(true);
        JNvrtc.setExceptionsEnabled(true);
        cuInit(0);
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        CUcontext context = new CUcontext();
        cuCtxCreate(context, 0, device);
        cublasHandle handle = new cublasHandle();
        cublasCreate(handle);
        float[] a = numbers(M * K);
        float[] b = numbers(N * K);
        float[] expected = numbers(M * N);
        for (int column = 0; column < N; column++) {
            for (int row = 0; row < M; row++) {
                float sum = 0;
                for (int i = 0; i < K; i++) {
                    sum += a[row + i * M] * b[column + i * N];
                }
                expected[row + column * M] = 2 * sum + 3 * expected[row + column * M];
            }
        }
        CUdeviceptr deviceA = onDevice(a);
        CUdeviceptr deviceB = onDevice(b);
        CUdeviceptr byCublas = onDevice(numbers(M * N));
        CUdeviceptr byKernel = onDevice(numbers(M * N));
        Pointer two = Pointer.to(new float[] {2});
        Pointer three = Pointer.to(new float[] {3});
        check("gemm", cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_T, M, N, K, two, deviceA, M, deviceB, N, three,
                byCublas, M), expected, byCublas);
        CUmodule module = compiled();
        CUfunction multiply = new CUfunction();
        cuModuleGetFunction(multiply, module, "multiply");
        cuLaunchKernel(multiply, 2, 2, 1, 4, 4, 1, 0, null, Pointer.to(Pointer.to(deviceA), Pointer.to(deviceB),
                Pointer.to(byKernel), Pointer.to(new int[] {M}), Pointer.to(new int[] {N}),
                Pointer.to(new int[] {K})), null);
        check("kernel", cublasStatus.CUBLAS_STATUS_SUCCESS, expected, byKernel);
        vectors(handle, two, deviceA, a, deviceB, b);
        cuModuleUnload(module);
        for (CUdeviceptr each : new CUdeviceptr[] {deviceA, deviceB, byCublas, byKernel}) {
            cuMemFree(each);
        }
        cublasDestroy(handle);
        cuCtxDestroy(context);
    }

    private static void vectors(cublasHandle handle, Pointer two, CUdeviceptr x, float[] hostX, CUdeviceptr y,
            float[] hostY) {
        int count = hostX.length;
        float[] sum = new float[count];
        float dot = 0;
        for (int i = 0; i < count; i++) {
            sum[i] = hostY[i] + 2 * hostX[i];
            dot += hostX[i] * sum[i];
        }
        check("axpy", JCublas2.cublasSaxpy(handle, count, two, x, 1, y, 1), sum, y);
        float[] found = new float[1];
        int status = JCublas2.cublasSdot(handle, count, x, 1, y, 1, Pointer.to(found));
        check("dot", status, new float[] {dot}, onDevice(found));
    }

    private static CUmodule compiled() {
        nvrtcProgram program = new nvrtcProgram();
        nvrtcCreateProgram(program, KERNEL, "multiply.cu", 0, null, null);
        nvrtcCompileProgram(program, 1, new String[] {"--gpu-architecture=compute_75"});
        String[] text = new String[1];
        nvrtcGetPTX(program, text);
        nvrtcDestroyProgram(program);
        CUmodule module = new CUmodule();
        cuModuleLoadData(module, text[0]);
        return module;
    }

    /** Small integers, whose sums no order of adding them changes. */
    private static float[] numbers(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i * 5 % 11 - 4;
        }
        return values;
    }

    private static CUdeviceptr onDevice(float[] values) {
        CUdeviceptr pointer = new CUdeviceptr();
        cuMemAlloc(pointer, (long) values.length * Sizeof.FLOAT);
        cuMemcpyHtoD(pointer, Pointer.to(values), (long) values.length * Sizeof.FLOAT);
        return pointer;
    }

    private static void check(String what, int status, float[] expected, CUdeviceptr device) {
        float[] found = new float[expected.length];
        cuMemcpyDtoH(Pointer.to(found), device, (long) found.length * Sizeof.FLOAT);
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS || !java.util.Arrays.equals(expected, found)) {
            System.out.println(what + " is wrong: " + cublasStatus.stringFor(status));
            System.exit(1);
        }
    }
}
