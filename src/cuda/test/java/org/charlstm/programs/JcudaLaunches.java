package org.charlstm.programs;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoad;

import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import module java.base;

/** Runs the launches through JCuda, without charlstm: each in a context of its own, since a mistake ends that. */
final class JcudaLaunches {
    private JcudaLaunches() {
    }

    /** With the folder of the fat binaries. */
    public static void main(String[] arguments) {
        JCudaDriver.setExceptionsEnabled(true);
        cuInit(0);
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        Stream.concat(Launches.all().stream(), Mistakes.all().stream()).filter(Launch::runsThroughJcuda)
                .forEach(launch -> {
                    CUcontext context = new CUcontext();
                    cuCtxCreate(context, 0, device);
                    try {
                        System.out.println(run(launch, arguments[0]));
                    } catch (CudaException e) {
                        System.out.println(launch.kernel() + ": " + e.getMessage());
                    }
                    cuCtxDestroy(context);
                });
    }

    private static String run(Launch launch, String folder) {
        CUmodule module = new CUmodule();
        cuModuleLoad(module, folder + "/" + launch.file() + ".fatbin");
        CUfunction function = new CUfunction();
        cuModuleGetFunction(function, module, launch.kernel());
        TreeMap<Integer, CUdeviceptr> buffers = new TreeMap<>();
        List<Pointer> values = new ArrayList<>();
        for (Object argument : launch.arguments()) {
            switch (argument) {
                case Integer number -> values.add(Pointer.to(new int[] {number}));
                case Launch.Bytes struct -> values.add(Pointer.to(struct.content()));
                default -> {
                    CUdeviceptr buffer = new CUdeviceptr();
                    cuMemAlloc(buffer, bytes(argument));
                    cuMemcpyHtoD(buffer, pointer(argument), bytes(argument));
                    buffers.put(values.size(), buffer);
                    values.add(Pointer.to(buffer));
                }
            }
        }
        cuLaunchKernel(function, launch.blocks().get(0), launch.blocks().get(1), 1, launch.threads().get(0),
                launch.threads().get(1), 1, launch.shared(), null, Pointer.to(values.toArray(Pointer[]::new)), null);
        cuCtxSynchronize();
        String objection = "";
        for (int argument : launch.results().keySet()) {
            Object found = likeThat(launch.arguments().get(argument));
            cuMemcpyDtoH(pointer(found), buffers.get(argument), bytes(found));
            objection += launch.objection(argument, found);
        }
        buffers.values().forEach(JCudaDriver::cuMemFree);
        return objection.isEmpty() ? launch.kernel() + ": right" : objection;
    }

    private static Object likeThat(Object array) {
        return Array.newInstance(array.getClass().getComponentType(),
                Array.getLength(array));
    }

    private static Pointer pointer(Object array) {
        return switch (array) {
            case float[] values -> Pointer.to(values);
            case double[] values -> Pointer.to(values);
            case int[] values -> Pointer.to(values);
            case short[] values -> Pointer.to(values);
            default -> throw new IllegalArgumentException(array.toString());
        };
    }

    private static long bytes(Object array) {
        return switch (array) {
            case float[] values -> 4L * values.length;
            case double[] values -> 8L * values.length;
            case int[] values -> 4L * values.length;
            case short[] values -> 2L * values.length;
            default -> throw new IllegalArgumentException(array.toString());
        };
    }
}
