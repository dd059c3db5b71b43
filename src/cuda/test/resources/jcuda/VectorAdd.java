import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuLinkAddFile;
import static jcuda.driver.JCudaDriver.cuLinkComplete;
import static jcuda.driver.JCudaDriver.cuLinkCreate;
import static jcuda.driver.JCudaDriver.cuLinkDestroy;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleGetGlobal;
import static jcuda.driver.JCudaDriver.cuModuleLoad;
import static jcuda.driver.JCudaDriver.cuModuleLoadDataEx;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjitInputType;
import jcuda.driver.CUlinkState;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/** A program on JCuda alone: adds vectors by the kernel in each of the files named, and once with too many elements. */
public class VectorAdd {
    private static final int COUNT = 1000;
    private static final int THREADS = 128;

    public static void main(String[] files) {
        JCudaDriver.setExceptionsEnabled(true);
        cuInit(0);
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        CUcontext context = new CUcontext();
        cuCtxCreate(context, 0, device);
        for (String file : files) {
            CUmodule module = new CUmodule();
            cuModuleLoad(module, file);
            System.out.println("loaded: " + add(module, COUNT));
            cuModuleUnload(module);
        }
        CUmodule linked = link(files[0]);
        System.out.println("linked: " + add(linked, COUNT));
        try {
            add(linked, COUNT + 1);
        } catch (CudaException e) {
            System.out.println("too many: " + e.getMessage());
        }
        cuCtxDestroy(context);
    }

    private static CUmodule link(String file) {
        JITOptions options = new JITOptions();
        CUlinkState state = new CUlinkState();
        cuLinkCreate(options, state);
        cuLinkAddFile(state, CUjitInputType.CU_JIT_INPUT_PTX, file, options);
        Pointer image = new Pointer();
        cuLinkComplete(state, image, new long[1]);
        CUmodule module = new CUmodule();
        cuModuleLoadDataEx(module, image, 0, new int[0], Pointer.to(new int[0]));
        cuLinkDestroy(state);
        return module;
    }

    /** Doubles the second vector by the module's constant, and counts what its threads have counted. */
    private static String add(CUmodule module, int count) {
        CUfunction function = new CUfunction();
        cuModuleGetFunction(function, module, "vector_add");
        CUdeviceptr factor = new CUdeviceptr();
        CUdeviceptr calls = new CUdeviceptr();
        cuModuleGetGlobal(factor, new long[1], module, "factor");
        cuModuleGetGlobal(calls, new long[1], module, "calls");
        cuMemcpyHtoD(factor, Pointer.to(new float[] {2}), Sizeof.FLOAT);
        float[] a = new float[COUNT];
        float[] b = new float[COUNT];
        float[] sum = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            a[i] = i;
            b[i] = 0.25f * i;
        }
        CUdeviceptr deviceA = onDevice(a);
        CUdeviceptr deviceB = onDevice(b);
        CUdeviceptr deviceSum = onDevice(sum);
        Pointer parameters = Pointer.to(Pointer.to(new int[] {count}), Pointer.to(deviceA), Pointer.to(deviceB),
                Pointer.to(deviceSum));
        cuLaunchKernel(function, (count + THREADS - 1) / THREADS, 1, 1, THREADS, 1, 1, 0, null, parameters, null);
        cuCtxSynchronize();
        cuMemcpyDtoH(Pointer.to(sum), deviceSum, (long) COUNT * Sizeof.FLOAT);
        int[] counted = new int[1];
        cuMemcpyDtoH(Pointer.to(counted), calls, Sizeof.INT);
        cuMemFree(deviceA);
        cuMemFree(deviceB);
        cuMemFree(deviceSum);
        int right = 0;
        for (int i = 0; i < COUNT; i++) {
            right += sum[i] == 1.5f * i ? 1 : 0;
        }
        return right + " sums are right, by " + counted[0] + " threads";
    }

    private static CUdeviceptr onDevice(float[] values) {
        CUdeviceptr pointer = new CUdeviceptr();
        cuMemAlloc(pointer, (long) values.length * Sizeof.FLOAT);
        cuMemcpyHtoD(pointer, Pointer.to(values), (long) values.length * Sizeof.FLOAT);
        return pointer;
    }
}
