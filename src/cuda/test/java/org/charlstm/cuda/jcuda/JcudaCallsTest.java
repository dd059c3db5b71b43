package org.charlstm.cuda.jcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;
import module java.base;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.charlstm.cuda.binding.Nvrtc;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** The functions of the tables that JCuda calls itself. */
@Needs(Need.JCUDA)
class JcudaCallsTest {
    /** JCuda lacks them, or has them with texts and functions of Java's. */
    private static final Set<String> THROUGH_FOREIGN = Set.of("cuDeviceGetDefaultMemPool", "cuMemPoolSetAttribute",
            "cuMemcpy2DAsync_v2", "cuLaunchHostFunc", "cuOccupancyMaxActiveClusters",
            "cuOccupancyMaxPotentialClusterSize", "cuGetErrorName", "cuGraphExecUpdate_v2",
            "cuFuncGetParamInfo", "cuLinkCreate_v2", "cuLinkAddData_v2",
            "cuTexObjectCreate", "cuOccupancyMaxPotentialBlockSize",
            "cuLaunchKernelEx",
            "cudnnGetErrorString", "cudnnGetLastErrorString", "nvrtcGetProgramLog", "nvrtcGetLoweredName");

    @Test
    void jcudaCallsAllButThese() {
        Map<Class<? extends NvidiaLibrary>, Class<?>> theirs = Map.of(CudaDriver.class, JCudaDriver.class,
                Cublas.class, JCublas2.class, Cudnn.class, JCudnn.class, Nvrtc.class, JNvrtc.class);
        Set<String> others = theirs.entrySet().stream().flatMap(each -> Arrays.stream(each.getKey().getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers())
                        && method.getDeclaringClass() != NvidiaLibrary.class
                        && JcudaCalls.method(each.getValue(), method).isEmpty()))
                .map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(THROUGH_FOREIGN), others);
    }
}
