import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMipmappedArrayDestroy;
import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasSgeam;
import static jcuda.jcublas.JCublas2.cublasSswap;

import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUmipmappedArray;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcResult;

/** Calls of JCuda's libraries that the simulated GPU lacks: each gives its status, and the program goes on. */
public class NotSimulated {
    public static void main(String[] arguments) {
        JCudaDriver.setExceptionsEnabled(false);
        JCublas2.setExceptionsEnabled(false);
        JNvrtc.setExceptionsEnabled(false);
        cuInit(0);
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        cuCtxCreate(new CUcontext(), 0, device);
        System.out.println("mipmap: " + CUresult.stringFor(cuMipmappedArrayDestroy(new CUmipmappedArray())));
        cublasHandle handle = new cublasHandle();
        cublasCreate(handle);
        CUdeviceptr vector = new CUdeviceptr();
        JCudaDriver.cuMemAlloc(vector, Float.BYTES);
        Pointer one = Pointer.to(new float[]{1});
        for (int call = 0; call < 2; call++) {
            System.out.println("swap: " + cublasStatus.stringFor(cublasSswap(handle, 1, vector, 1, vector, 1)));
        }
        System.out.println("geam: " + cublasStatus.stringFor(cublasSgeam(handle, 0, 0, 1, 1, one, vector, 1, one,
                vector, 1, vector, 1)));
        System.out.println("old dot: " + JCublas.cublasSdot(1, vector, 1, vector, 1));
        System.out.println("architectures: " + nvrtcResult.stringFor(JNvrtc.nvrtcGetNumSupportedArchs(new int[1])));
        System.out.println("end: " + cublasStatus.stringFor(cublasDestroy(handle)));
    }
}
